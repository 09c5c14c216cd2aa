import { expect, test } from "vitest";
import type { FleetPlan, FleetStatus, PlannedChange } from "../../api/contract/contract.ts";
import { exitOf } from "../exit.ts";
import { coloursFor } from "../terminal/style.ts";
import { table } from "../terminal/table.ts";
import { renderApply, renderOperations } from "./operation.ts";
import { renderPlan } from "./plan.ts";
import { renderProblems, summariseProblems } from "./problems.ts";
import { exitOfStatus, renderStatus } from "./status.ts";

const plain = coloursFor({}, process.stdout, true);

const NOTHING = { interruption: "none", closedSeconds: 0, irreversible: false, says: "no downtime" } as const;
function change(node: string, kind: string, more: Partial<PlannedChange> = {}): PlannedChange {
  return { node, kind, verb: "create", because: ["new"], impact: NOTHING, ...more };
}

test("a plan shows only differences, each with its reason, place, impact and what it waits for, and ends in a verdict", () => {
  const plan: FleetPlan = {
    fleet: "nordwind",
    revision: "r",
    findings: [],
    notes: ["no backups exist yet for this fleet"],
    stacks: [
      { stack: "platform/here", role: "platform", changes: [], unknown: [] },
      {
        stack: "central/production",
        role: "environment",
        unknown: [],
        changes: [
          change("central/production/odoo", "odoo", { verb: "update", because: ["workers 4 → 6"], from: "fleet.yaml:58:9" }),
          change("central/production/postgres", "postgres", {
            verb: "update",
            because: ["memoryMiB 2048 → 3072"],
            impact: { ...NOTHING, interruption: "closed", closedSeconds: 8, says: "restart, about 8 s downtime" },
            held: { until: "Sun 02:00 CET", because: "maintenance" },
          }),
        ],
      },
      {
        stack: "lubeck/production",
        role: "environment",
        unknown: [],
        changes: [
          change("lubeck/production/a", "secret", { from: "fleet.yaml:70:3" }),
          change("lubeck/production/b", "secret"),
          change("lubeck/production/odoo", "odoo"),
        ],
      },
      {
        stack: "altona/production",
        role: "undeclared",
        unknown: [],
        changes: [
          change("altona/production/route", "route", { verb: "remove" }),
          change("altona/production/database", "database", { verb: "keep" }),
        ],
      },
    ],
  };
  expect(renderPlan(plan, plain)).toBe(
    [
      "~ central/production",
      "    ~ odoo            workers 4 → 6 (fleet.yaml:58)  no downtime",
      "    ~ postgres        memoryMiB 2048 → 3072          restart, about 8 s downtime; held until Sun 02:00 CET (maintenance)",
      "+ lubeck/production   new (fleet.yaml:70)            2 secrets, odoo",
      "! altona/production   no longer declared             route closed now; data kept; deleting needs --confirm altona",
      "3 environments: 1 to change (1 part held), 1 to create, 1 to close, 0 to delete · nothing irreversible · now: 5 changes, 1 part held",
      "note: no backups exist yet for this fleet",
    ].join("\n"),
  );
  const same = { ...plan, stacks: plan.stacks.slice(0, 1), notes: [] };
  expect(renderPlan(same, plain)).toBe("nothing differs: 1 platform is as declared");
});

test("what is to be closed is counted, with why and until when it waits", () => {
  const closes = { interruption: "closed", closedSeconds: 0, irreversible: false, says: "stopped, down from then on" } as const;
  const held = { until: "Sat 02:00 CET", because: "outside maintenance" };
  const odoo = (stack: string) => change(`${stack}/odoo`, "odoo", { verb: "remove", impact: closes, held });
  const stack = (id: string, role: "environment" | "undeclared", more: object = {}) => ({
    stack: id,
    role,
    unknown: [],
    changes: [odoo(id)],
    ...more,
  });
  const stacks = [
    stack("altona/production", "undeclared"),
    stack("bremen/production", "environment", { suspended: true }),
    stack("celle/production", "undeclared", { renamedTo: "hannover/production" }),
  ];
  expect(renderPlan({ fleet: "f", revision: "r", stacks, notes: [], findings: [] }, plain)).toBe(
    [
      "! altona/production  no longer declared                                                       odoo closed in its window: held until Sat 02:00 CET (outside maintenance); data kept; deleting needs --confirm altona",
      "! bremen/production  suspended                                                                odoo closed in its window: held until Sat 02:00 CET (outside maintenance); data kept",
      "! celle/production   renamed to hannover/production, which takes over its data and passwords  closed for some seconds; held until Sat 02:00 CET (outside maintenance)",
      "3 environments: 0 to change, 0 to create, 3 to close (3 parts held), 0 to delete · nothing irreversible · now: 0 changes, 3 parts held",
    ].join("\n"),
  );
});

test("problems are aligned, remedies stand below, and the summary counts", () => {
  const problems = [
    { code: "BAL-F014", severity: "error", at: "fleet.yaml:41:29", message: 'hosting "shard" is unknown' },
    { code: "BAL-P007", severity: "warning", at: "fleet.yaml:5:1", message: "one replica", hint: "declare two" },
  ] as const;
  expect(renderProblems(problems, plain)).toBe(
    [
      'fleet.yaml:41:29  BAL-F014 error    hosting "shard" is unknown',
      "fleet.yaml:5:1    BAL-P007 warning  one replica",
      "                                    → declare two",
    ].join("\n"),
  );
  expect(summariseProblems([...problems, problems[0], problems[0]], 1)).toBe("3 errors and 1 warning in 1 file; nothing was changed.");
});

test.each([
  ["down", ["missing"], "drift 1 missing"],
  ["down", ["stopped", "stopped", "failing"], "drift 2 stopped, 1 failing"],
  ["stopped", ["stopped"], "drift none"],
  ["unknown", [], "drift unknown"],
  ["unknown", ["missing"], "drift 1 missing"],
  ["serving", [], "drift none"],
] as const)("a stack that is %s with %j says %s", (state, kinds, words) => {
  const drift = kinds.map((kind) => ({ node: "a/production/odoo", kind, says: "" }));
  const status = { fleet: "f", asOf: "", stacks: [{ stack: "a/production", state, because: [], nodes: [], drift }], notes: [] };
  const how = { colours: plain, aligned: false, asOf: "", detailed: false };
  expect(
    renderStatus(status as unknown as FleetStatus, how)
      .split("\t")[3]
      ?.split("\n")[0],
  ).toBe(words);
});

test("status says unknown as unknown, and what is known to be wrong decides the exit code", () => {
  const unknown = { stack: "kiel/production", state: "unknown", because: ["no answer for 35 s"], nodes: [], drift: [] } as const;
  const serving = {
    stack: "a/production",
    state: "serving",
    because: [],
    nodes: [],
    drift: [
      { node: "a/production/odoo", kind: "edited", says: "memoryMiB 640 → 600" },
      { node: "a/production/odoo", kind: "pending", says: "workers 3 → 4" },
    ],
    url: "https://a",
  } as const;
  const status = { fleet: "f", asOf: "", stacks: [serving, unknown], notes: [] };
  const how = { colours: plain, aligned: true, asOf: "2026-11-22 03:00 CET", detailed: false };
  expect(renderStatus(status as unknown as FleetStatus, how)).toBe(
    [
      "a/production     serving  https://a           drift odoo memoryMiB 640 → 600, 1 part not carried out yet",
      "kiel/production  unknown  no answer for 35 s  drift unknown                                               → ./ballast why kiel/production",
      "as of 2026-11-22 03:00 CET",
    ].join("\n"),
  );
  const exits = (["serving", "unknown", "down"] as const).map((_, index, all) =>
    exitOfStatus({ stacks: all.slice(0, index + 1).map((state) => ({ ...unknown, state, because: [], nodes: [], drift: [] })) }),
  );
  expect(exits).toEqual([0, 4, 1]);
});

test("who tried to get out is told by name, the latest of many in the overview and all where one stack is asked for", () => {
  const tried = ["a", "b", "c"].map((name) => ({
    source: "odoo",
    target: `${name}.example:443`,
    times: name === "a" ? 1 : 3,
    lastAt: "2026-11-22T02:00:31.000Z",
  }));
  const stack = { stack: "a/production", state: "serving", because: [], drift: [], nodes: [], tried } as const;
  const how = { colours: plain, aligned: false, asOf: "2026-11-22 03:00 CET" };
  const lines = (detailed: boolean) =>
    renderStatus({ fleet: "f", asOf: "", notes: [], stacks: [stack] } as unknown as FleetStatus, { ...how, detailed })
      .split("\n")
      .filter((line) => line.includes("refused") || line.includes("more"));
  const told = (name: string, often: string) =>
    `a/production  refused  odoo was denied egress to ${name}.example:443, ${often}, last 2026-11-22T02:00Z`;
  expect(lines(false)).toEqual([told("a", "1 time"), told("b", "3 times"), "a/production  and 1 more: ./ballast status a/production"]);
  expect(lines(true)).toEqual([told("a", "1 time"), told("b", "3 times"), told("c", "3 times")]);
});

test("the summary of an apply names what waits, until when and why", () => {
  const stack = { stack: "c/production", state: "held", kept: [], problems: [] } as const;
  const held = [{ node: "c/production/postgres", until: "Sun 02:00 CET", because: "maintenance opens then" }];
  const changed = [{ node: "c/production/odoo", verb: "update" }];
  expect(renderApply({ state: "held", problems: [], stacks: [{ ...stack, kept: [], problems: [], changed, held }] }, plain)).toBe(
    [
      "… c/production  1 change made, 1 part held",
      "  c/production/postgres  held until Sun 02:00 CET: maintenance opens then",
      "held: 1 change made, 1 part held.",
    ].join("\n"),
  );
  expect(renderApply({ state: "done", problems: [], stacks: [] }, plain)).toBe("nothing differs; nothing was changed.");
});

test("times stand in the zone of the calendar; programs get tabs and nothing is cut", () => {
  const item = { id: "op-1", verb: "apply", stack: null, parent: null, state: "done", actor: "anna", result: null } as const;
  const items = [{ ...item, createdAt: "2026-07-01T10:00:00.000Z", finishedAt: "2026-07-01T10:02:40.000Z" }];
  expect(renderOperations(items, { zone: "Europe/Berlin", aligned: false, now: 0 })).toBe(
    "op-1\tapply\tdone\t2026-07-01 12:00 CEST\tin 2 m 40 s\t\tanna",
  );
  expect(
    table(
      [
        ["a", "b"],
        ["long", "c"],
      ],
      true,
    ),
  ).toBe("a     b\nlong  c");
});

test("exit codes: usage before no before cannot know, and a follower of the unknown is unknown too", () => {
  const of = (...codes: string[]) => exitOf(codes.map((code) => ({ code, severity: "error", at: "", message: "" })));
  expect([
    of(),
    of("BAL-W003"),
    of("BAL-E002", "BAL-W006"),
    of("BAL-W003", "BAL-W005"),
    of("BAL-C002", "BAL-W003"),
    of("BAL-C014"),
  ]).toEqual([0, 4, 4, 1, 2, 130]);
});
