import { expect, test } from "vitest";
import { seenAs } from "../../../test/support/arbitrary-stack.ts";
import { KINDS } from "../stack/kinds/facts.ts";
import type { AnyNode, Stack } from "../stack/node.ts";
import { planStack } from "./plan.ts";

const id = (name: string) => `t/production/${name}`;
const node = (name: string, kind: AnyNode["kind"], uses: readonly string[] = []): AnyNode =>
  ({ id: id(name), kind, spec: {}, uses: uses.map((to) => ({ to: id(to), as: "http" })), from: [] }) as unknown as AnyNode;
const whole: Stack = {
  id: "t/production",
  role: "environment",
  nodes: [
    node("boundary", "boundary"),
    node("database", "database"),
    node("odoo", "odoo", ["boundary", "database"]),
    node("route", "route", ["odoo"]),
  ],
};

function told(desired: Stack, condition: "serving" | "stopped" = "serving") {
  return planStack(desired, seenAs(whole, condition)).changes.map(({ node: one, verb, because, impact }) => [
    one.slice(id("").length),
    verb,
    because[0]?.text,
    impact.interruption,
    impact.says,
  ]);
}

test("taking away what serves closes it, from then on; what it stood on closes nobody by itself, and its data stays", () => {
  expect(told({ ...whole, nodes: [] })).toEqual([
    ["route", "remove", "no longer declared", "closed", "its address stops answering, down from then on"],
    ["odoo", "remove", "no longer declared", "closed", "stopped, down from then on"],
    ["database", "keep", "no longer declared; holds data", "none", "no downtime"],
    ["boundary", "remove", "no longer declared", "none", "removed"],
  ]);
});

test("what lost data stood on is kept as the data would be: restored, they are of no use without it", () => {
  const secret = node("role-password", "secret");
  const database = node("database", "database", ["role-password"]);
  const stack: Stack = { ...whole, nodes: [secret, database, node("api-key", "secret")] };
  const nodes = new Map(seenAs(stack).nodes);
  nodes.set(database.id, { state: "lost", since: 0, because: "held data and is gone", declared: database });
  const { changes } = planStack({ ...whole, nodes: [] }, { stack: whole.id, at: 0, nodes });
  expect(changes.map(({ node: one, verb }) => `${verb} ${one.slice(id("").length)}`)).toEqual(["remove api-key", "keep role-password"]);
});

test("taking away what does not serve closes nobody", () => {
  const interruptions = planStack({ ...whole, nodes: [] }, seenAs(whole, "stopped")).changes.map((one) => one.impact.interruption);
  expect(new Set(interruptions)).toEqual(new Set(["none"]));
});

test("a suspended environment is declared: that is said, and not that it is no longer", () => {
  const suspended: Stack = { ...whole, nodes: whole.nodes.slice(0, 2), suspended: true };
  expect(told(suspended)).toEqual([
    ["route", "remove", "suspended", "closed", "its address stops answering, down from then on"],
    ["odoo", "remove", "suspended", "closed", "stopped, down from then on"],
  ]);
});

test("what is replaced by something else goes after whoever used it was told", () => {
  const elsewhere: Stack = {
    ...whole,
    nodes: [...whole.nodes.slice(0, 2), node("web", "odoo", ["boundary"]), node("route", "route", ["web"])],
  };
  const removal = planStack(elsewhere, seenAs(whole)).changes.find((one) => one.node === id("odoo"));
  expect([removal?.because[0]?.text, removal?.after]).toEqual(["not part of it as it is declared now", [id("route")]]);
});

test.each([
  ["route", ["hosts"], "its former address stops answering, down from then on"],
  ["database", ["baseUrl"], "its address changes, down from then on"],
  ["ingress", ["port"], "the former address of every tenant of the region stops answering, down from then on"],
] as const)("another address of a %s is downtime for whoever has the former one", (kind, fields, says) => {
  expect(KINDS[kind].updateImpact(fields)).toEqual({ interruption: "closed", closedSeconds: 0, irreversible: false, says });
});

test("a certificate that no longer names a host closes it; one that names more, or loses what is no production, closes nobody", () => {
  const from = (before: readonly string[], after: readonly string[]) =>
    KINDS.certificate.updateImpact(["names"], [{ field: "names", before, after }]);
  expect(from(["*.f.example", "a.b.f.example"], ["*.f.example"]).says).toBe("no longer for a.b.f.example, down from then on");
  expect(from(["*.f.example"], ["*.f.example", "a.b.f.example"]).interruption).toBe("none");
  expect(from(["*.f.example", "*.acme.f.example"], ["*.f.example"]).interruption).toBe("none");
});

test("a quota of less memory or fewer processes ends what takes more, so it waits; more of either, or fewer processors, ends nobody", () => {
  const from = (field: string, before: number | undefined, after: number | undefined) =>
    KINDS.quota.updateImpact([field], [{ field, before, after }]).says;
  expect([from("memoryMiB", 800, 256), from("memoryMiB", undefined, 256), from("pids", 200, 100)]).toEqual(
    Array(3).fill("less for its processes, what takes more is ended, about 10 s downtime"),
  );
  expect([from("memoryMiB", 256, 800), from("memoryMiB", 256, undefined), from("cpus", 2, 0.1)]).toEqual(Array(3).fill("no downtime"));
});

test("an environment that goes from one process to several, or back, signs everybody out: that waits for its window", () => {
  expect(KINDS.route.updateImpact(["node", "paths"])).toMatchObject({
    interruption: "closed",
    says: "other processes answer, everybody signs in again, about 5 s downtime",
  });
  expect(KINDS.route.updateImpact(["paths"])).toMatchObject({ interruption: "none" });
});

test("a route that another ingress is to lead to closes it; one whose services change does not", () => {
  const from = (before: readonly string[], after: readonly string[]) =>
    KINDS.route.updateImpact(["uses"], [{ field: "uses", before, after }]);
  const [here, there] = ["http platform/here/ingress", "http platform/there/ingress"];
  expect(from(["http t/production/odoo", here], ["http t/production/odoo", there]).says).toBe(
    "its former ingress no longer leads to it, down from then on",
  );
  expect(from(["http t/production/odoo", here], ["http t/production/odoo-web", here]).interruption).toBe("none");
});

test("a platform that goes closes whoever it served, with what signs for their hosts", () => {
  const platform: Stack = {
    id: "platform/here",
    role: "platform",
    nodes: [node("authority", "authority"), node("certificate", "certificate", ["authority"]), node("ingress", "ingress", ["certificate"])],
  };
  const changes = (condition: "serving" | "stopped") =>
    planStack({ ...platform, nodes: [] }, seenAs(platform, condition)).changes.map(({ kind, verb, impact }) => [
      kind,
      verb,
      impact.interruption,
    ]);
  expect(changes("serving")).toEqual([
    ["ingress", "remove", "closed"],
    ["certificate", "remove", "closed"],
    ["authority", "remove", "closed"],
  ]);
  expect(new Set(changes("stopped").map(([, , interruption]) => interruption))).toEqual(new Set(["none"]));
});
