import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { MACHINE_HOME } from "../../app/installation/installation.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const fleet = `other-${randomBytes(4).toString("hex")}`;
const around = mkdtempSync(join(tmpdir(), "ballast-other-user-"));
const folder = join(around, "fleet");
const closed = join(around, "closed");
/** Another's state folder as root's is: to be entered, not to be listed. */
const entered = join(around, "entered");
/** What the other user may write to. */
const own = join(around, "own");

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
  mkdirSync(join(entered, fleet), { recursive: true, mode: 0o711 });
  writeFileSync(join(entered, fleet, "api.token"), "t\n", { mode: 0o600 });
  writeFileSync(join(entered, fleet, "server.json"), '{"pid":1,"url":"http://127.0.0.1:9","version":"0"}');
  mkdirSync(own);
  chownSync(own, NOBODY, NOBODY);
}
afterAll(() => {
  if (canRun) rmSync(join(MACHINE_HOME, fleet), { recursive: true, force: true });
  rmSync(around, { recursive: true, force: true });
});

const CLOSED_TO_ALL: readonly (readonly string[])[] = [
  ["plan"],
  ["apply"],
  ["up"],
  ["down"],
  ["down", "--delete-data", "--confirm", fleet],
  ["status"],
  ["why", "acme/production"],
  ["why", "op-1"],
  ["operations"],
  ["rotate"],
  ["rotate", "--lost-key", "--now", "--reason", "it is lost"],
  ["logs", "acme/production"],
  ["journey", "acme/production"],
  ["service", "status"],
  ["service", "install"],
  ["service", "remove"],
  ["server"],
];

/** The words of a verb with the fleet's folder where it stands: behind it, or behind what it is to do. */
function withFolder([verb = "", ...rest]: readonly string[]): readonly string[] {
  if (verb === "operations") return [verb, "--fleet", folder];
  if (verb === "server") return [verb, "--fleet-name", fleet];
  return verb === "service" ? [verb, ...rest, folder] : [verb, folder, ...rest];
}

/** The whole answer of somebody who cannot know, but for the width of its first column. */
const cannotKnow = (at: string, path: string) => [
  4,
  "",
  `${at} BAL-C041 error ${path} is another user's: what is there, and what runs, cannot be known → ask as that user, such as by sudo`,
];
const answerOf = ({ exit, out, err }: ReturnType<typeof ballast>) => [exit, out, err.replace(/\s+/g, " ").trim()];

test.skipIf(!canRun).each(CLOSED_TO_ALL)("as another user, %s says that it cannot know, and nothing else", (...words) => {
  expect(answerOf(ballast(withFolder(words)))).toEqual(cannotKnow(fleet, join(MACHINE_HOME, fleet)));
});

test.skipIf(!canRun).each(CLOSED_TO_ALL)("with a state folder that it may not enter, %s cannot know either", (...words) => {
  const ran = answerOf(ballast(withFolder(words), { BALLAST_STATE_HOME: closed }));
  expect(ran).toEqual(cannotKnow("ballast", join(closed, fleet, "api.token")));
});

test.skipIf(!canRun).each([["status"], ["plan"], ["down"], ["rotate", "--lost-key", "--now", "--reason", "it is lost"]])(
  "with a token that it may not read, %s neither waits for it nor starts anything",
  (...words) => {
    const ran = answerOf(ballast(withFolder(words), { BALLAST_STATE_HOME: entered }));
    expect(ran).toEqual(cannotKnow(fleet, join(entered, fleet, "api.token")));
  },
);

test.skipIf(!canRun)("where no fleet is named, another user is told whose folder they would have to see", () => {
  expect(answerOf(ballast(["status"]))).toEqual(cannotKnow("ballast", MACHINE_HOME));
  expect(answerOf(ballast(["status"], { BALLAST_STATE_HOME: entered }))).toEqual(cannotKnow("ballast", entered));
});

const OF_FILES_ALONE: readonly (readonly [readonly string[], string])[] = [
  [["validate", folder], `fleet ${fleet}: no mistakes in 1 file`],
  [["explain", folder, "acme/production"], "pool everyone"],
  [["graph", folder], "flowchart LR"],
  [["calendar", folder], "office  Europe/Berlin"],
  [["init", join(own, "new"), "--tenants", "acme"], "wrote "],
  [["why", "BAL-C041"], "BAL-C041: It is another user's"],
  [["why", folder, "acme/production#pool"], "everyone"],
  [["render", folder, "--engine", "compose"], `name: ${fleet}`],
  [["service", "install", folder, "--print"], `Description=Ballast control plane of the fleet ${fleet}`],
  [["schema"], '"$schema"'],
  [["completion", "bash"], "ballast"],
];

test.skipIf(!canRun).each(OF_FILES_ALONE)("as another user, %j works: it needs the files alone", (words, says) => {
  expect(ballast(words)).toEqual({ exit: 0, out: expect.stringContaining(says), err: "" });
});

test.skipIf(!canRun)("a folder that may not be written is no mistake of Ballast", () => {
  const ran = answerOf(ballast(["init", join(closed, "new"), "--tenants", "acme"]));
  expect(ran).toEqual([1, "", expect.stringContaining("BAL-C047 error this user may not do it: EACCES")]);
});

const engineIsClosed = canRun && existsSync("/var/run/docker.sock") && (statSync("/var/run/docker.sock").mode & 0o006) === 0;

test.skipIf(!canRun || !engineIsClosed)("what is inside the images is not known to whoever may not ask the engine", () => {
  const [exit, out, err] = answerOf(ballast(["sbom"]));
  const says = "BAL-E002 error the Docker Engine does not answer (EACCES) → this user may not talk to it: ask as root, such as by sudo";
  expect([exit, out, err]).toEqual([4, "", expect.stringContaining(says)]);
});

test.skipIf(!canRun)("no image counts as superseded where fleets cannot be seen", () => {
  const ran = answerOf(ballast(["doctor", "--prune", "--yes"]));
  const says = `ballast BAL-C041 error ${MACHINE_HOME} is another user's: what its fleets use cannot be known → ask as that user, such as by sudo`;
  expect(ran).toEqual([4, "", says]);
});

test.skipIf(!canRun).each([
  [MACHINE_HOME, {}],
  [entered, { BALLAST_STATE_HOME: entered }],
])("the doctor says that fleets in %s cannot be seen, and speaks of this user instead of the machine", (home, env) => {
  const ran = ballast(["doctor"], env);
  expect(ran).toEqual({ exit: 1, out: expect.stringContaining(`BAL-C041 ${home} is another user's`), err: "" });
  expect(ran.out.trim().split("\n").at(-1)).toBe("this user cannot run it; whether the machine can is told to root: sudo ./ballast doctor");
  expect(ran.out).not.toMatch(/leftovers|in use|every container reaches/);
});
