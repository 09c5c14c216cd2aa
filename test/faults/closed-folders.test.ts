import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { startEmbedded } from "../../src/adapters/store/embedded.ts";
import { PACKAGE_ROOT } from "../support/docker-installation.ts";

const folder = mkdtempSync(join(tmpdir(), "ballast-closed-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Only root runs the store as another user; whoever is not root owns the folders that are closed to others. */
describe.skipIf(process.getuid?.() !== 0)("below a folder that others may not enter", () => {
  test("the state folder is refused with the folder and what repairs it, and taken once that is done", async () => {
    const state = join(folder, "postgres");
    await expect(startEmbedded(state)).rejects.toMatchObject({
      problems: [
        {
          code: "BAL-S003",
          at: folder,
          message: `others may not enter ${folder}, and PostgreSQL, which does not run as root, must reach the state folder below it`,
          hint: `move the state folder to a folder that others may enter, or allow it: chmod o+x ${folder}`,
        },
      ],
    });
    chmodSync(folder, 0o711);
    const server = await startEmbedded(state);
    await server.stop();
    chmodSync(folder, 0o700);
  });

  test.skipIf(spawnSync("unshare", ["--mount", "true"]).status !== 0)("the checkout is refused by the control plane, and by doctor", () => {
    const checkout = join(folder, "checkout");
    mkdirSync(checkout);
    const state = mkdtempSync(join(tmpdir(), "ballast-closed-state-"));
    chmodSync(state, 0o711);
    // The checkout itself, seen below the closed folder by these commands alone.
    const inside = (command: string) => {
      const script = `mount --bind '${PACKAGE_ROOT}' '${checkout}' && cd '${checkout}' && BALLAST_STATE_HOME='${state}' ${command}`;
      const { stdout, stderr } = spawnSync("unshare", ["--mount", "--propagation", "private", "sh", "-c", script], { encoding: "utf8" });
      return `${stdout}${stderr}`;
    };
    try {
      expect(inside(`'${process.execPath}' src/cli/main.ts server --fleet-name closed --wait 0`)).toContain(
        `BAL-S003 error  others may not enter ${folder}`,
      );
      expect(inside(`'${process.execPath}' src/cli/main.ts doctor`)).toContain(`others may not enter ${folder}`);
    } finally {
      rmSync(state, { recursive: true, force: true });
    }
  });
});
