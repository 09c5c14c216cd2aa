import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { replaceFileNow } from "../../adapters/files/replace-file.ts";
import { installationOf } from "../installation/installation.ts";
import { fleetPage } from "./doctor-fleet.ts";

const home = mkdtempSync(join(tmpdir(), "ballast-doctor-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

test("the doctor says what stood in the place of a file, and where it was moved to", () => {
  const surroundings = { uid: 0, home, stateHome: home, xdgStateHome: undefined, xdgRuntimeDir: undefined, keyFile: undefined };
  const installation = installationOf({ ...surroundings, databaseUrl: undefined }, "hello");
  const told = () =>
    fleetPage(installation, { installed: false, enabled: false, outdated: false })
      .filter(({ text }) => text.includes("stood in the place of a file"))
      .map(({ state, text }) => [state, text.replace(/[0-9a-f]{8}$/, "HASH")]);
  mkdirSync(installation.tokenFile, { recursive: true });
  mkdirSync(join(installation.root, "ingress", "a.yaml"), { recursive: true });
  expect(told()).toEqual([]);
  replaceFileNow(installation.tokenFile, "t\n", { mode: 0o600 });
  replaceFileNow(join(installation.root, "ingress", "a.yaml"), "{}\n", { mode: 0o644, aside: join(installation.root, "set-aside") });
  const moved = (path: string) => [
    "warning",
    `hello: a folder stood in the place of a file, and was moved to ${join(installation.root, path)}.not-a-file-HASH`,
  ];
  expect(told()).toEqual([moved("api.token"), moved("set-aside/a.yaml")]);
});
