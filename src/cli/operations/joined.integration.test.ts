import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { eventually } from "../../../test/support/api.ts";
import { type SimulatedHome, simulatedHome } from "../../../test/support/simulated-home.ts";

/** Asked again while the same work is under way: joined, also where it was begun with more than is asked for now. */
const ROOT = join(import.meta.dirname, "..", "..", "..");
/** Its window is three days away, whenever this runs. */
const DAY = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"][new Date(Date.now() + 3 * 86_400_000).getUTCDay()];
const HELLO = readFileSync(join(ROOT, "examples/hello/fleet.yaml"), "utf8").replace("days: [sat, sun]", `days: [${DAY}]`);
const BEGUN = "apply paused --confirm hello --now --reason moved";
const ODOO = "acme/production/odoo";
let home: SimulatedHome;

beforeAll(async () => {
  home = await simulatedHome("joined");
  home.write("fleet", HELLO);
  home.write("paused", HELLO.replace("pool: everyone }", "pool: everyone, suspended: true }"));
});
afterAll(() => home.close());
afterEach(() => home.assertNamesLead());

const says = (text: string): string => expect.stringContaining(text) as string;

/** Serves, then is closed by an apply outside of its window, which hangs in the middle; returns its id, and its command line. */
async function closing(line: string) {
  expect(await home.run("up fleet")).toMatchObject({ exit: 0 });
  home.hang(ODOO);
  const ended = home.run(line);
  const id = await eventually("that it runs", 60, async () => {
    const { out } = await home.run("operations --fleet fleet");
    return /(op-\S+) apply running/.exec(out)?.[1];
  });
  return { id, ended };
}

test.each([
  ["up paused", "after kill -9 of the control plane"],
  ["apply paused", "beside the command that began it"],
  ["apply paused --now --reason elsewhere", "with another reason"],
])("%s joins an apply that was begun with --now, %s, and ends with its result", async (again, when) => {
  const { id, ended } = await closing(BEGUN);
  if (when.includes("kill")) home.kill();
  const joined = home.begin(again);
  await eventually("that it has joined, or was refused", 60, async () => (/joined|BAL-/.test(joined.err()) ? true : undefined));
  home.release();
  expect(await joined.ended).toMatchObject({ exit: 0, err: says(`the same work runs already: ${id} by anna; joined it`) });
  expect(await ended).toMatchObject({ exit: 0, err: says(`operation ${id}`) });
  expect(home.world()).not.toContain(`${ODOO} serving`);
  const { out } = await home.run("operations --fleet fleet");
  expect(out.match(/op-\S+ apply running/)).toBeNull();
});

test("what was begun without --now is not joined by what asks for it, which is told so", async () => {
  expect(await home.run("apply paused --confirm hello --now --reason moved")).toMatchObject({ exit: 0 });
  home.hang(ODOO);
  const begun = home.run("apply fleet");
  const id = await eventually("that it runs", 60, async () => {
    const { out } = await home.run("operations --fleet fleet");
    return /(op-\S+) apply running/.exec(out)?.[1];
  });
  const refused = await home.run("apply fleet --now --reason hurry");
  expect(refused).toMatchObject({
    exit: 1,
    err: says(`hello BAL-W030 error nothing was begun or changed: apply ${id} by anna has run for`),
  });
  expect(refused.err).toContain("and was begun without --now");
  home.release();
  expect(await begun).toMatchObject({ exit: 0 });
});
