import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type SimulatedHome, simulatedHome } from "../../../test/support/simulated-home.ts";

/** What is refused, or waits: what the command line says of it, and that nothing of the (simulated) machine has changed. The tests go on from one another. */
const ROOT = join(import.meta.dirname, "..", "..", "..");
/** Its window is three days away, whenever this runs. */
const DAY = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"][new Date(Date.now() + 3 * 86_400_000).getUTCDay()];
const HELLO = readFileSync(join(ROOT, "examples/hello/fleet.yaml"), "utf8").replace("days: [sat, sun]", `days: [${DAY}]`);
let home: SimulatedHome;
const run = (line: string) => home.run(line);
const world = () => home.world();

beforeAll(async () => {
  home = await simulatedHome("refused");
  home.write("fleet", HELLO);
  const { exit, err } = await run("up fleet");
  if (exit !== 0) throw new Error(err);
});
afterAll(() => home.close());
afterEach(() => home.assertNamesLead());

const says = (text: string): string => expect.stringContaining(text) as string;

test("a journey on what is not there begins nothing", async () => {
  const before = world();
  const refused = await run("journey fleet acne/production");
  const words = 'acne/production BAL-A004 error no environment has this address. Did you mean "acme/production"? → one of: acme/production';
  expect(refused).toEqual({ exit: 1, out: "", err: words });
  expect([world(), (await run("operations --fleet fleet")).out]).toEqual([before, expect.not.stringContaining("acne/production")]);
});

test("deleting what is declared or not here says why, and not that it deletes", async () => {
  const declared = await run("down fleet acme/production --delete-data --confirm acme");
  expect(declared).toEqual({
    exit: 1,
    out: "",
    err: says("acme/production BAL-A006 error is declared; what is declared is not deleted alone"),
  });
  const nowhere = await run("down fleet acne/production --delete-data");
  expect(nowhere).toEqual({ exit: 1, out: "", err: "acne/production BAL-A004 error nothing of it is here" });
  for (const { err } of [declared, nowhere]) expect(err).not.toContain("permanently");
});

test("a plan that apply would refuse ends with 1 where the exit code is asked for, and carries the question", async () => {
  home.write("left", HELLO.slice(0, HELLO.lastIndexOf("---\n")));
  expect(await run("plan left")).toMatchObject({ exit: 0, out: says("BAL-A041 error these files close the only production of hello") });
  const { exit, out } = await run("plan left --exit-code --json");
  const { questions } = (JSON.parse(out) as { plan: { questions: readonly { code: string; severity: string }[] } }).plan;
  expect([exit, questions.map((one) => `${one.code} ${one.severity}`)]).toEqual([1, ["BAL-A041 error"]]);
  expect(await run("apply left")).toMatchObject({ exit: 1, err: says("BAL-A041 error these files close the only production of hello") });
});

test("what is held does not end as if nothing differed, and what still serves is not deleted", async () => {
  const before = world();
  const held = await run("apply left --confirm hello");
  expect(held).toMatchObject({ exit: 3, err: says("acme/production nothing changed yet, 4 held") });
  const kept = await run("down left acme/production --delete-data --confirm acme");
  expect(kept).toMatchObject({ exit: 1, out: "nothing of acme/production was deleted" });
  expect(kept.err).toMatch(
    /acme\/production BAL-W002 error acme\/production still serves: .*; nothing was deleted\. Close it first: wait for that window, or/,
  );
  expect([kept.err.includes("permanently"), world()]).toEqual([false, before]);
  expect(await run("apply fleet")).toMatchObject({ exit: 0, out: "nothing differs; nothing was changed." });
});

test("a journey on what is suspended begins nothing", async () => {
  home.write("paused", HELLO.replace("pool: everyone }", "pool: everyone, suspended: true }"));
  expect(await run("apply paused --confirm hello --now --reason moved")).toMatchObject({ exit: 0 });
  const refused = await run("journey paused acme/production");
  expect(refused).toMatchObject({ exit: 1, out: "", err: says("acme/production BAL-A061 error is suspended: nobody gets in") });
  expect(await run("plan fleet")).toMatchObject({ exit: 0, out: says("~ acme/production resumed, with its data") });
  expect(await run("apply fleet")).toMatchObject({ exit: 0 });
});

test("what is closed and no longer declared is deleted, and said before", async () => {
  expect(await run("apply left --confirm hello --now --reason moved")).toMatchObject({ exit: 0 });
  const wrong = await run("down left acme/production --delete-data --confirm hello");
  expect([wrong.exit, wrong.err.includes("permanently")]).toEqual([2, false]);
  const deleted = await run("down left acme/production --delete-data --confirm acme");
  const lost = "will permanently delete acme/production, with every order, picking and invoice in it; no backups exist";
  expect(deleted).toMatchObject({ exit: 0, out: "acme/production is deleted, with its data", err: says(lost) });
  expect(await run("apply fleet")).toMatchObject({ exit: 0 });
});

test("what goes with the whole fleet is said once its name was right", async () => {
  const wrong = await run("down fleet --delete-data --confirm helo");
  expect([wrong.exit, wrong.err.includes("permanently")]).toEqual([2, false]);
  const deleted = await run("down fleet --delete-data --confirm hello");
  const lost = "will permanently delete all of hello; no backups exist: acme/production: its database and files";
  expect(deleted).toMatchObject({ exit: 0, out: "hello is deleted, with its data and its passwords", err: says(lost) });
});
