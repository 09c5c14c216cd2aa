import { expect, test } from "vitest";
import { isAbout, whyCode } from "./code.ts";
import { type ToldOperation, whyOperation } from "./operation.ts";
import { type SeenStack, whyState } from "./state.ts";

const ODOO = "hamburg/production/odoo";
const NODES = [
  { node: "hamburg/production/database", kind: "database", condition: "serving" },
  { node: ODOO, kind: "odoo", condition: "failing", because: "runs, and does not answer its health check" },
];
const DEGRADED: SeenStack = {
  stack: "hamburg/production",
  state: "degraded",
  because: [`${ODOO} is failing (runs, and does not answer its health check)`],
  drift: [{ node: ODOO, kind: "edited", says: "memoryMiB 768 → 500" }],
  nodes: NODES,
};
const HELD = {
  node: ODOO,
  verb: "update",
  because: ["memoryMiB 768 → 1024"],
  held: { until: "Sun 02:00 CET", because: "outside maintenance" },
};

test("a degraded stack is explained by the rule, the nodes in their own words, drift, and what is held until when", () => {
  const question = { subject: "hamburg/production", seen: DEGRADED, changes: [HELD], asOf: "03:01 CET", fleet: "examples/hello" };
  expect(whyState(question)).toEqual({
    subject: "hamburg/production",
    about: "state",
    says: "hamburg/production is degraded, as of 03:01 CET",
    because: [
      {
        text: "nothing is missing, and a node is stopped or failing, its page comes too late, or Odoo leaves work undone",
        rule: "state degraded of 2 nodes",
      },
      { text: "odoo is failing: runs, and does not answer its health check", at: ODOO },
      { text: "memoryMiB 768 → 500", rule: "edited", at: ODOO },
      {
        text: "update (memoryMiB 768 → 1024) is held until Sun 02:00 CET: outside maintenance",
        rule: "what closes production waits for its window",
        at: ODOO,
      },
    ],
    repair: [
      "apply makes what is missing and what differs",
      "its log says what its process says; apply starts it again",
      "apply inside the window, or at once with a reason that is recorded",
    ],
    next: ["ballast apply examples/hello", "ballast apply examples/hello --now --reason TEXT", `ballast logs ${ODOO}`],
  });
});

test("what the page, the certificate or the database says of the whole stack is among the reasons", () => {
  const because = ["the page answered 502", `${ODOO} is failing (runs, and does not answer its health check)`];
  const question = { subject: "hamburg/production", seen: { ...DEGRADED, because, drift: [] }, changes: [], asOf: "03:01 CET", fleet: "." };
  expect(whyState(question).because.slice(1)).toEqual([
    { text: "odoo is failing: runs, and does not answer its health check", at: ODOO },
    { text: "the page answered 502", at: "hamburg/production" },
  ]);
});

test("of lost data it is told how it is restored or given up, and no apply is promised to make it", () => {
  const database = "hamburg/production/database";
  const because = `${database} is lost: held data since 2026-11-01`;
  const nodes = [{ node: database, kind: "database", condition: "lost", because: "held data since 2026-11-01" }];
  const seen = { ...DEGRADED, state: "down", because: [because], drift: [], nodes } as const;
  const answer = whyState({ subject: "hamburg/production", seen, changes: [], asOf: "03:01 CET", fleet: "examples/hello" });
  expect([answer.repair, answer.next]).toEqual([
    [
      `${database}: restore it under its name; or give up what was in it, and have it recreated, empty: ballast apply examples/hello --recreate hamburg/production`,
    ],
    ["ballast plan examples/hello"],
  ]);
});

test("one node is explained by itself, within the state of its stack", () => {
  const [database] = NODES;
  const answer = whyState({ subject: database?.node ?? "", seen: DEGRADED, changes: [HELD], asOf: "03:01 CET", fleet: "." });
  expect([answer.says, answer.because.length]).toEqual([
    "hamburg/production/database is serving; hamburg/production is degraded, as of 03:01 CET",
    1,
  ]);
});

test("a stack that serves is said to have answered only what it was asked for: a page with a way in, the certificate with an ingress", () => {
  const ask = (stack: string, kind: string) => {
    const nodes = [{ node: `${stack}/${kind}`, kind, condition: "serving" }];
    const seen: SeenStack = { stack, state: "serving", because: [], drift: [], nodes };
    return whyState({ subject: stack, seen, changes: [], asOf: "now", fleet: "F" }).because.map((one) => one.text);
  };
  const does = "every node is there and does its work";
  expect(ask("acme/production", "route")).toEqual([`${does}, and a page was asked for through the ingress and answered`]);
  expect(ask("platform/here", "ingress")).toEqual([
    `${does}, and the ingress was asked for its certificate and showed the one that it was given`,
  ]);
  expect(ask("pool/everyone", "postgres")).toEqual([does]);
});

test("what is missing is named, and unknown is said as unknown", () => {
  const down: SeenStack = { ...DEGRADED, state: "down", because: [`${ODOO} is not there`], drift: [], nodes: [] };
  const unknown: SeenStack = {
    ...DEGRADED,
    state: "unknown",
    because: [],
    drift: [],
    nodes: [{ node: ODOO, kind: "", condition: "unknown", because: "no answer for 35 s" }],
  };
  const ask = (seen: SeenStack) => whyState({ subject: "hamburg/production", seen, changes: [], asOf: "now", fleet: "F" });
  expect(ask(down).because.map((one) => one.text)).toEqual([
    "at least one node is not there, every process is stopped and nobody wanted that, or no page is answered",
    `${ODOO} is not there`,
  ]);
  expect(ask(down).next).toEqual(["ballast apply F"]);
  expect(ask(unknown).because.map((one) => one.text)).toEqual([
    "a node, the page or the certificate cannot be seen, and unknown is never taken for absent",
    "it is unknown: no answer for 35 s",
  ]);
  expect(ask(unknown).next).toEqual([`ballast logs ${ODOO}`, "ballast doctor"]);
});

test("a code is explained by its reason and where the fleet meets it; a guardrail also says how it can be waived", () => {
  const entry = {
    code: "BAL-P011",
    title: "Reports do not wait for themselves",
    severity: "error",
    reason: "They stopped a tenant.",
  } as const;
  const problem = {
    code: "BAL-P011",
    severity: "error",
    at: "fleet.yaml:30:9",
    message: "acme/production: 0 beside 4",
    hint: "declare 1",
  } as const;
  const found = { entry, table: { title: "Guardrails" } };
  expect(whyCode(found, { met: [problem], address: undefined, fleet: "F" })).toEqual({
    subject: "BAL-P011",
    about: "code",
    says: "BAL-P011 (error): Reports do not wait for themselves",
    because: [
      { text: "They stopped a tenant.", rule: "Guardrails" },
      { text: "acme/production: 0 beside 4", rule: "error", at: "fleet.yaml:30:9" },
    ],
    repair: ["declare 1", "or a Waiver: rule BAL-P011, one exact scope, a ticket, two signers and a last day"],
    next: ["ballast validate F", "docs/reference.md#codes, Guardrails"],
  });
  expect(whyCode(found, { met: [], address: "acme/production", fleet: "F" }).because.at(-1)).toEqual({
    text: "the fleet in F does not meet it at acme/production",
  });
});

test("a problem is about the address that it bears, or at which it is; the words of its message decide nothing", () => {
  const words = {
    code: "BAL-F040",
    severity: "error",
    message: "acme/production: host name a.example is already that of beta/production",
  } as const;
  const placed = { ...words, at: "fleet.yaml:3:7" };
  const all = ["acme/production", "beta/production", undefined];
  expect(all.map((address) => isAbout({ ...placed, address: "beta/production" }, address))).toEqual([false, true, true]);
  expect(all.map((address) => isAbout(placed, address))).toEqual([false, false, true]);
  expect(all.map((address) => isAbout({ ...words, at: "acme/production" }, address))).toEqual([true, false, true]);
});

test("an operation is explained by the ledger, by what it holds back, and by how its parts ended", () => {
  const operation: ToldOperation = { id: "op-1", verb: "apply", stack: null, state: "held", actor: "anna" };
  const part: ToldOperation = { ...operation, id: "op-1.acme", verb: "converge", stack: "acme/production" };
  const ledger = [
    { at: "2026-11-22T12:00:00Z", actor: "anna", act: "operation.hold", subject: "acme/production", reasons: ["outside maintenance"] },
  ];
  const held = [{ node: "acme/production/odoo", until: "Sun 02:00 CET", because: "outside maintenance" }];
  expect(whyOperation({ operation, began: "Sun 13:00 CET", parts: [part], ledger, held, problems: [], fleet: "F" })).toEqual({
    subject: "op-1",
    about: "operation",
    says: "apply by anna, begun Sun 13:00 CET, ended as held",
    because: [
      { text: "acme/production: outside maintenance", rule: "ledger: operation.hold for anna", at: "2026-11-22T12:00:00Z" },
      { text: "held until Sun 02:00 CET: outside maintenance", at: "acme/production/odoo" },
      { text: "its part op-1.acme ended as held", at: "acme/production" },
    ],
    repair: [],
    next: ["ballast operations op-1", "ballast apply F --now --reason TEXT"],
  });
});

test("a renamed stack that waits for the window of its former name is not called suspended", () => {
  const seen: SeenStack = { stack: "nova/production", state: "suspended", waitsFor: "acme/production", because: [], drift: [], nodes: [] };
  const told = whyState({ subject: "nova/production", seen, changes: [], asOf: "03:01 CET", fleet: "." });
  expect([told.says, told.because]).toEqual([
    "nova/production is waiting, as of 03:01 CET",
    [
      {
        text: "it is renamed from acme/production, which serves until its window; then it takes over its data, and nothing of it was begun before",
        rule: "state waiting of 0 nodes",
      },
    ],
  ]);
  expect(
    whyState({ subject: "nova/production", seen: { ...seen, waitsFor: undefined }, changes: [], asOf: "", fleet: "." }).because[0]?.text,
  ).toBe("the fleet declares it suspended: nobody gets in, and its data is kept");
});
