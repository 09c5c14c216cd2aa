import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { memoryPlane, SECRET } from "../../test/support/memory-plane.ts";
import { buildApi } from "../api/server.ts";
import { ANSWERS, Line, Refusal, type VerbName } from "./terminal/json.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const HELLO = join(ROOT, "examples", "hello");
const TOKEN = "the-token-that-nobody-may-see";
const home = mkdtempSync(join(tmpdir(), "ballast-cli-"));
const empty = mkdtempSync(join(tmpdir(), "ballast-cli-empty-"));

interface Ran {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

function ballast(
  words: readonly string[],
  more: { cwd?: string; home?: string; env?: Record<string, string>; onErr?: (c: ChildProcess) => void } = {},
) {
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, BALLAST_STATE_HOME: more.home ?? home, ...more.env };
  const child = spawn(process.execPath, [join(ROOT, "src/cli/main.ts"), ...words], {
    cwd: more.cwd ?? ROOT,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return new Promise<Ran>((resolve) => {
    let [out, err] = ["", ""];
    child.stdout.on("data", (piece: Buffer) => {
      out += piece.toString();
    });
    child.stderr.on("data", (piece: Buffer) => {
      err += piece.toString();
      more.onErr?.(child);
    });
    child.on("close", (exit) => resolve({ exit, out, err }));
  });
}

const standIn = spawn("sleep", ["600"]);
let close = async (): Promise<void> => undefined;

beforeAll(async () => {
  const api = await buildApi({
    plane: memoryPlane(() => standIn.kill(), standIn.pid ?? 0),
    token: () => TOKEN,
    version: "0.1.0",
    onFault: () => undefined,
    limits: { all: 64, strangers: 16, streams: 16 },
  });
  const url = await api.listen({ host: "127.0.0.1", port: 0 });
  close = () => api.close();
  mkdirSync(join(home, "hello"));
  writeFileSync(join(home, "hello", "api.token"), `${TOKEN}\n`, { mode: 0o600 });
  writeFileSync(join(home, "hello", "server.json"), JSON.stringify({ pid: standIn.pid, url, version: "0.1.0" }));
});
afterAll(async () => {
  standIn.kill();
  await close();
  for (const folder of [home, empty]) rmSync(folder, { recursive: true, force: true });
});

const LONG: readonly VerbName[] = ["apply", "up", "down", "logs", "journey"];

/** Every line is JSON, the answer has the shape that is documented, and no secret is anywhere. */
function checkJson(verb: VerbName, ran: Ran): void {
  expect(ran.out + ran.err).not.toMatch(new RegExp(`${TOKEN}|${SECRET}`));
  const lines = ran.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const long = LONG.includes(verb);
  if (long) for (const line of lines) Line.parse(line);
  expect(long || lines.length === 1).toBe(true);
  expect(lines[0]).toMatchObject({ schema: "ballast.dev/cli/v2", command: verb });
  expect(lines.at(-1)?.["exit"]).toBe(ran.exit);
  ANSWERS[verb].parse(lines.at(-1));
}

test("every command answers --json in its documented shape, without secrets, and repeats the exit code", async () => {
  const runSteps: readonly (readonly [VerbName, readonly string[], number])[] = [
    ["validate", [HELLO], 0],
    ["explain", [HELLO, "acme/production"], 0],
    ["why", ["BAL-P011"], 0],
    ["why", [HELLO, "acme/production#sizes.web.processes"], 0],
    ["why", [HELLO, "calendar/office"], 0],
    ["render", [HELLO], 0],
    ["graph", [HELLO], 0],
    ["graph", [HELLO, "acme/production", "--format", "json"], 0],
    ["calendar", [HELLO], 0],
    ["calendar", [HELLO, "office", "--from", "2026-12-24", "--days", "3"], 0],
    ["init", [join(empty, "begun"), "--tenants", "acme,globex"], 0],
    ["plan", [HELLO, "--exit-code"], 3],
    ["apply", [HELLO], 0],
    ["plan", [HELLO, "--exit-code"], 0],
    ["why", [HELLO, "acme/production"], 0],
    ["why", ["pool/everyone/postgres"], 0],
    ["status", [], 0],
    ["status", ["acme/production"], 0],
    ["logs", ["acme/production", "--tail", "3"], 0],
    ["operations", [], 0],
    ["journey", ["acme/production"], 0],
    ["schema", ["answers"], 0],
    ["completion", ["bash"], 0],
  ];
  for (const [verb, words, exit] of runSteps) {
    const ran = await ballast([verb, ...words, "--json"]);
    expect([verb, ran.exit, ran.err]).toEqual([verb, exit, expect.any(String)]);
    checkJson(verb, ran);
  }
  const doctor = await ballast(["doctor", "--json"]);
  // What this machine lacks decides it, and is in the answer.
  const { findings } = JSON.parse(doctor.out) as { findings: { state: string }[] };
  expect(doctor.exit).toBe(findings.some(({ state }) => state === "missing" || state === "refused") ? 1 : 0);
  checkJson("doctor", doctor);
});

test("up finds the control plane that runs and says that nothing differs, or says what the machine lacks", async () => {
  const ran = await ballast(["up", HELLO, "--json"]);
  if (ran.exit === 0) return checkJson("up", ran);
  const end = JSON.parse(ran.out.trimEnd().split("\n").at(-1) as string) as { exit: number; problems: { code: string }[] };
  expect([end.exit, [...new Set(end.problems.map((problem) => problem.code))]]).toEqual([1, ["BAL-C011"]]);
});

test("the same commands speak to people, with times in the calendar's zone", async () => {
  const applied = await ballast(["apply", HELLO, "--id", "op-twice"]);
  expect(applied).toEqual({ exit: 0, out: "nothing differs; nothing was changed.\n", err: "operation op-twice\n" });
  const planned = await ballast(["plan", HELLO]);
  expect(planned).toEqual({ exit: 0, out: "nothing differs: 1 environment, 1 pool and 1 platform are as declared\n", err: "" });
  const listed = await ballast(["operations", "op-twice"]);
  expect(listed.out).toMatch(/^op-twice\tapply\tdone\t\d{4}-\d\d-\d\d \d\d:\d\d CES?T\tin /);
  expect(listed.err).toBe("fleet hello, the only one here\n");
});

test("what the control plane recreates for itself is said, with what becomes of a copy, and not that nothing was changed", async () => {
  const key = `sealing-key is recreated: ${join(home, "hello", "sealing.key")}; a copy of the former one opens nothing any more`;
  const token = `api-token is recreated: ${join(home, "hello", "api.token")}; whoever has a copy of the former one is refused`;
  for (const [only, says] of [
    [["sealing-key"], [key]],
    [
      ["sealing-key", "api-token"],
      [key, token],
    ],
  ] as const) {
    const ran = await ballast(["rotate", HELLO, "--only", ...only]);
    expect([ran.exit, ran.err, ran.out.trimEnd().split("\n")]).toEqual([
      0,
      "",
      says.map((text) => expect.stringContaining(text) as string),
    ]);
  }
});

test("wrong usage is 2, says what was meant, and is JSON where that was asked for", async () => {
  const wrong = [
    ["plna"],
    ["plan", "--jsn"],
    ["apply", HELLO, "--now"],
    ["logs"],
    ["completion", "tcsh"],
    ["operations", "--limit", "many"],
    ["schema", "x"],
    ["calendar", HELLO, "--days", "0"],
    ["calendar", HELLO, "--from", "yesterday"],
    ["init", join(empty, "nobody"), "--tenants", ","],
  ];
  for (const words of [...wrong, ["down", "--delete-data"], ["validate", "no-such-folder"]]) {
    const ran = await ballast([...words, "--json"]);
    expect([words, ran.exit]).toEqual([words, 2]);
    const last = JSON.parse(ran.out.trimEnd().split("\n").at(-1) as string) as Record<string, unknown>;
    Refusal.parse({ schema: "", command: "", ...last });
  }
  expect((await ballast(["plna"])).err).toContain("Did you mean plan?");
  expect((await ballast(["down", "--delete-data"])).err).toContain("--confirm hello");
  expect((await ballast(["down", "--delete-data", "--confirm", "helo"])).exit).toBe(2);
});

test("mistakes in a fleet are 1, a fleet that does not run is 4, and a first plan needs no control plane", async () => {
  const broken = join(empty, "broken");
  mkdirSync(broken);
  writeFileSync(join(broken, "fleet.yaml"), "apiVersion: ballast.dev/v1alpha1\nkind: Fleet\nmetadata: { name: Broken! }\n");
  const validated = await ballast(["validate", broken, "--json"]);
  expect(validated.exit).toBe(1);
  checkJson("validate", validated);
  expect((await ballast(["validate", broken])).out).toMatch(/^fleet\.yaml:3:\d+ .*BAL-F012 error .*nothing was changed\.\n$/s);
  const status = await ballast(["status", HELLO], { home: empty });
  expect(status).toEqual({
    exit: 4,
    out: "",
    err: `hello  BAL-C007 error  no control plane runs for this fleet\n                       → ./ballast up ${HELLO}\n`,
  });
  const first = await ballast(["plan", HELLO, "--exit-code"], { home: empty });
  expect([first.exit, first.out.split("\n").slice(-4, -3)]).toEqual([3, [expect.stringContaining("3 to create")]]);
});

test("a fleet that init begins is read, planned and shown like any other, and is never written over unasked", async () => {
  const folder = join(empty, "nordwind");
  const begun = await ballast(["init", folder, "--country", "NL", "--tenants", "hamburg,bremen"]);
  expect([begun.exit, begun.err, begun.out.split("\n")[0]]).toEqual([
    0,
    "",
    `wrote ${join(folder, "fleet.yaml")}: fleet nordwind with 2 tenants, hamburg and bremen`,
  ]);
  expect(await ballast(["validate", folder])).toEqual({ exit: 0, out: "fleet nordwind: no mistakes in 1 file\n", err: "" });
  const planned = await ballast(["plan", folder, "--exit-code"], { home: empty });
  expect([planned.exit, planned.out]).toEqual([3, expect.stringContaining("hamburg/production")]);
  const shown = await ballast(["calendar", folder, "--from", "2027-04-27", "--days", "1"]);
  expect(shown.out.split("\n").slice(0, 3)).toEqual([
    "business\tEurope/Amsterdam, covered until 2028-12-31".replace("\t", "  "),
    "DAY\tOPEN\tPROTECTED\tEXPECTED\tNOTE",
    "Tue 2027-04-27 CEST\t-\t-\t× 1\tholiday King's Day",
  ]);
  const again = await ballast(["init", folder, "--json"]);
  expect([again.exit, again.out]).toEqual([1, expect.stringContaining("BAL-C016")]);
  expect((await ballast(["init", folder, "--force", "--tenants", "kiel"])).exit).toBe(0);
  expect((await ballast(["explain", folder, "kiel/production"])).exit).toBe(0);
});

test("a calendar that is not there is told with the one that was meant; of several all are listed", async () => {
  const unknown = await ballast(["calendar", HELLO, "ofice"]);
  expect([unknown.exit, unknown.err]).toEqual([
    1,
    expect.stringContaining('BAL-F050 error  no calendar is named "ofice"; one of: office. Did'),
  ]);
  const two = join(empty, "two");
  await ballast(["init", two]);
  const second =
    "apiVersion: ballast.dev/v1alpha1\nkind: Calendar\nmetadata: { name: night }\nspec: { zone: UTC, coveredUntil: 2035-12-31 }\n";
  writeFileSync(join(two, "night.yaml"), second);
  const listed = await ballast(["calendar", two]);
  expect([listed.exit, listed.out.split("\n").map((line) => line.split("\t")[0])]).toEqual([0, ["CALENDAR", "business", "night", ""]]);
  checkJson("calendar", await ballast(["calendar", two, "--json"]));
});

test("help starts with an example, lists the exit codes, and every verb has its own", async () => {
  const help = await ballast(["--help"]);
  expect([help.exit, help.out]).toEqual([0, expect.stringMatching(/^Example:\n {2}ballast up examples\/hello\n/)]);
  expect((await ballast(["help", "exit-codes"])).out).toContain("130  interrupted");
  for (const verb of Object.keys(ANSWERS)) {
    const own = await ballast([verb, "--help"]);
    expect([verb, own.exit, own.out]).toEqual([verb, 0, expect.stringMatching(new RegExp(`^Example:\n  ballast ${verb}`))]);
  }
});

test("Ctrl-C leaves the operation to itself, says how to see it, and ends with 130", async () => {
  const ran = await ballast(["apply", HELLO, "--id", "op-endless"], { onErr: (child) => setTimeout(() => child.kill("SIGINT"), 500) });
  expect([ran.exit, ran.err]).toEqual([130, expect.stringContaining("./ballast operations op-endless")]);
});

test("colour comes only when it is forced here, and NO_COLOR wins over that", async () => {
  const escape = String.fromCharCode(27);
  const forced = await ballast(["status"], { env: { CLICOLOR_FORCE: "1" } });
  const refused = await ballast(["status"], { env: { CLICOLOR_FORCE: "1", NO_COLOR: "1" } });
  expect([forced.out.includes(escape), refused.out.includes(escape), (await ballast(["status"])).out.includes(escape)]).toEqual([
    true,
    false,
    false,
  ]);
});

test("down stops everything, and the control plane last", async () => {
  const ran = await ballast(["down", HELLO, "--json"]);
  expect(ran.exit).toBe(0);
  checkJson("down", ran);
  expect(standIn.killed).toBe(true);
});
