import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { MACHINE_HOME } from "../app/installation.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const fleet = `other-${randomBytes(4).toString("hex")}`;
const around = mkdtempSync(join(tmpdir(), "ballast-other-user-"));
const folder = join(around, "fleet");
const closed = join(around, "closed");

function ballast(words: readonly string[], env: Record<string, string> = {}) {
  const ran = spawnSync(process.execPath, [join(ROOT, "src/cli/main.ts"), ...words], {
    cwd: around,
    uid: NOBODY,
    gid: NOBODY,
    env: { PATH: process.env["PATH"] ?? "", HOME: around, ...env },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { exit: ran.status, out: ran.stdout, err: ran.stderr };
}

/** Whether the user nobody can read this program at all; elsewhere there is nothing to be asked. */
const canRun = isRoot && ballast(["--version"]).exit === 0;

if (canRun) {
  chmodSync(around, 0o755);
  mkdirSync(folder);
  const hello = readFileSync(join(ROOT, "examples/hello/fleet.yaml"), "utf8");
  writeFileSync(join(folder, "fleet.yaml"), hello.replace("name: hello", `name: ${fleet}`));
  mkdirSync(join(MACHINE_HOME, fleet), { recursive: true, mode: 0o711 });
  writeFileSync(join(MACHINE_HOME, fleet, "api.token"), "t\n", { mode: 0o600 });
  mkdirSync(closed, { mode: 0o700 });
}
afterAll(() => {
  if (canRun) rmSync(join(MACHINE_HOME, fleet), { recursive: true, force: true });
  rmSync(around, { recursive: true, force: true });
});

const VERBS: readonly (readonly string[])[] = [
  ["plan"],
  ["apply"],
  ["down"],
  ["down", "--delete-data", "--confirm", fleet],
  ["status"],
  ["operations"],
  ["rotate"],
  ["logs", "acme/production"],
  ["journey", "acme/production"],
];

/** `verb FOLDER …`, with a verb of one word more behind its folder. */
const withFolder = ([verb = "", ...rest]: readonly string[]) =>
  verb === "operations" ? [verb, "--fleet", folder] : [verb, folder, ...rest];

test.skipIf(!canRun).each(VERBS)("as another user, %s says that it cannot know, and never that nothing is here", (...words) => {
  const ran = ballast(withFolder(words));
  expect([ran.exit, ran.err]).toEqual([4, expect.stringContaining(`BAL-C041 error  ${join(MACHINE_HOME, fleet)} is another user's`)]);
  expect(ran.out + ran.err).not.toMatch(/nothing of .* is here|nothing runs here|no control plane runs/);
});

test.skipIf(!canRun).each(VERBS)("with a state folder that it may not enter, %s cannot know either", (...words) => {
  const ran = ballast(withFolder(words), { BALLAST_STATE_HOME: closed });
  expect([ran.exit, ran.err]).toEqual([4, expect.stringMatching(/BAL-C041|BAL-C008|BAL-S035.*may not be read by this user/)]);
});

test.skipIf(!canRun)("where no fleet is named, another user is told whose folder they would have to see", () => {
  const ran = ballast(["status"]);
  expect([ran.exit, ran.err]).toEqual([4, expect.stringContaining(`BAL-C041 error  ${MACHINE_HOME} is another user's`)]);
});
