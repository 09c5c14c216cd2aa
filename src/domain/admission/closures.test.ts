import { expect, test } from "vitest";
import { type TenantSketch, unanswered, unconfirmedStop, unreadableInForce } from "./closures.ts";

const tenant = (name: string, more: Partial<TenantSketch> = {}): TenantSketch => ({
  name,
  owner: `${name}@x.example`,
  calendar: "office",
  production: "open",
  ...more,
});
const [acme, globex, initech] = [tenant("acme"), tenant("globex"), tenant("initech")];
const asked = (before: readonly TenantSketch[], after: readonly TenantSketch[], answers = {}, kept: readonly string[] = []) =>
  unanswered({ fleet: "roads", before, after, kept }, answers).map((one) => `${one.code} ${one.message}`);

test("closing one production of several is not asked about: it waits for its window", () => {
  expect(asked([acme, globex], [acme])).toEqual([]);
  expect(asked([acme, globex], [acme, tenant("globex", { production: "suspended" })])).toEqual([]);
});

test("closing several, or all that there are, wants the fleet's name", () => {
  expect(asked([acme, globex, initech], [acme])).toEqual([
    "BAL-A041 these files close 2 of 3 productions of roads, each in its window: globex, initech",
  ]);
  expect(asked([acme, globex], [])).toEqual(["BAL-A041 these files close all 2 productions of roads, each in its window: acme, globex"]);
  expect(asked([acme], [tenant("acme", { production: "suspended" })])).toEqual([
    "BAL-A041 these files close the only production of roads, each in its window: acme",
  ]);
  expect(asked([acme], [], { confirmed: "rodas" })).toEqual([expect.stringContaining('"rodas" is not its name')]);
  expect(asked([acme], [], { confirmed: "roads" })).toEqual([]);
});

test("what was closed before, was never open, or is renamed is not closed by it", () => {
  expect(asked([tenant("acme", { production: "suspended" }), tenant("globex", { production: "none" })], [])).toEqual([]);
  expect(asked([acme], [tenant("nova", { renamedFrom: "acme" })])).toEqual([]);
});

test("one that still serves under its former name is open, and is closed by neither of its two names", () => {
  const nova = tenant("nova", { renamedFrom: "acme", stillUnder: "acme" });
  expect(asked([globex, nova], [nova], {}, ["acme"])).toEqual([]);
  expect(asked([globex, nova], [globex, nova], {}, ["acme"])).toEqual([]);
  expect(asked([globex, nova], [globex, acme], {}, ["acme"])).toEqual([]);
  expect(asked([globex, nova], [], {}, ["acme"])).toEqual([
    "BAL-A041 these files close all 2 productions of roads, each in its window: globex, nova",
  ]);
});

test("a tenant that comes while one like it goes may be the same: that is asked, and both answers are taken", () => {
  const question = "BAL-A042 acmee would begin empty while acme, whose data is here, is no longer declared: is it acme under another name?";
  expect(asked([acme, globex], [globex, tenant("acmee")])).toEqual([question]);
  expect(asked([acme, globex], [globex, tenant("acmee")], { reallyNew: ["acmee"] })).toEqual([]);
  expect(asked([acme, globex], [globex, tenant("acmee", { renamedFrom: "acme" })])).toEqual([]);
  // Dropped days ago, its data still here.
  expect(asked([globex], [globex, tenant("acmee")], {}, ["acme"])).toEqual([question]);
});

test("while a rename is held, its data is under the former name: whoever comes without it would begin empty, and is asked about", () => {
  const nova = tenant("nova", { renamedFrom: "acme", stillUnder: "acme" });
  const question = (name: string) =>
    `BAL-A042 ${name} would begin empty while acme, whose data is here, is no longer declared: is it acme under another name?`;
  // The former name was taken out too early; the new one was corrected.
  expect(asked([globex, nova], [globex, tenant("nova")], {}, ["acme"])).toEqual([question("nova")]);
  expect(asked([globex, nova], [globex, tenant("nora", { renamedFrom: "nova" })], {}, ["acme"])).toEqual([question("nora")]);
  expect(asked([globex, nova], [globex, tenant("nora", { renamedFrom: "acme" })], {}, ["acme"])).toEqual([]);
  expect(asked([globex, nova], [globex, tenant("nova")], { reallyNew: ["nova"] }, ["acme"])).not.toContain(question("nova"));
  // Once it was carried out, it may be left out.
  expect(asked([globex, tenant("nova", { renamedFrom: "acme" })], [globex, tenant("nova")])).toEqual([]);
});

test("after a rename that was cut off, either name alone would begin without a part of its data, and is asked about", () => {
  const nova = tenant("nova", { renamedFrom: "acme", partlyUnder: "acme" });
  const question = (name: string, other: string) =>
    `BAL-A042 ${name} would begin without a part of its data, which is still under ${other}: its rename was not carried out whole`;
  const after = (...tenants: readonly TenantSketch[]) => asked([globex, nova], [globex, ...tenants], {}, ["acme"]);
  expect(after(tenant("nova"))).toEqual([question("nova", "acme")]);
  expect(after(acme)).toEqual([question("acme", "nova")]);
  expect(after(acme, tenant("nova"))).toEqual([question("acme", "nova"), question("nova", "acme")]);
  // Carried on, turned back, or known to be lost.
  expect(after(nova)).toEqual([]);
  expect(after(tenant("acme", { renamedFrom: "nova" }))).toEqual([]);
  expect(asked([globex, nova], [globex, tenant("nova")], { reallyNew: ["nova"] }, ["acme"])).toEqual([]);
});

test("a former name of which nothing is here is no answer to the question", () => {
  expect(asked([acme, globex], [globex, tenant("acmee", { renamedFrom: "acne" })])).toEqual([
    expect.stringContaining("acmee would begin empty"),
  ]);
  expect(asked([], [tenant("nova", { renamedFrom: "acme" })])).toEqual([]);
});

test("a name with a part more, or one of the same owner and calendar in its place, is suspected too", () => {
  expect(asked([acme, globex], [globex, tenant("acme-gmbh")])).toHaveLength(1);
  expect(asked([acme, globex], [globex, tenant("nova", { owner: acme.owner })])).toHaveLength(1);
  expect(asked([acme, globex], [globex, tenant("nova")])).toEqual([]);
});

test("numbered names are told apart by their numbers, and one that comes back is itself", () => {
  expect(asked([tenant("t1"), tenant("t2")], [tenant("t1"), tenant("t3", { owner: "t2@x.example" })])).toEqual([]);
  expect(asked([globex], [globex, acme], {}, ["acme"])).toEqual([]);
});

test("stopping a fleet with production wants its name and a reason, one without wants nothing", () => {
  const stop = (more: object) => unconfirmedStop({ fleet: "roads", productions: ["acme"], ...more }).map((one) => one.code);
  expect(stop({})).toEqual(["BAL-A043"]);
  expect(stop({ confirmed: "roads" })).toEqual(["BAL-A043"]);
  expect(stop({ confirmed: "roads", reason: "  " })).toEqual(["BAL-A043"]);
  expect(stop({ confirmed: "rodas", reason: "move" })).toEqual(["BAL-A043"]);
  expect(stop({ confirmed: "roads", reason: "move" })).toEqual([]);
  expect(stop({ confirmed: "roads,acme/production", reason: "move" })).toEqual([]);
  expect(stop({ productions: [] })).toEqual([]);
});

test("where what is in force cannot be read, an apply wants the fleet's name or a reason, and a stop both", () => {
  const asks = (verb: "apply" | "stop", answers = {}) =>
    unreadableInForce({ fleet: "roads", verb, cause: "BAL-B002 no image", ...answers }).map((one) => `${one.code} ${one.message}`);
  const question =
    "BAL-A054 what is in force of roads cannot be read, so it cannot be determined which productions this closes: BAL-B002 no image";
  for (const verb of ["apply", "stop"] as const) {
    expect(asks(verb)).toEqual([question]);
    expect(asks(verb, { confirmed: "rodas" })).toEqual([`${question}; "rodas" is not its name`]);
    expect(asks(verb, { reason: " " })).toEqual([question]);
    expect(asks(verb, { confirmed: "roads", reason: "the machine moves" })).toEqual([]);
  }
  expect([asks("apply", { confirmed: "roads" }), asks("apply", { reason: "the machine moves" })]).toEqual([[], []]);
  expect([asks("stop", { confirmed: "roads" }), asks("stop", { reason: "the machine moves" })]).toEqual([[question], [question]]);
});
