import fc from "fast-check";
import { expect, test } from "vitest";
import type { FleetPlan, FleetStatus } from "../../api/contract/contract.ts";
import { renderPlan } from "../render/plan.ts";
import { renderProblems } from "../render/problems.ts";
import { renderStatus } from "../render/status.ts";
import { coloursFor, visibleLength } from "./style.ts";
import { laidOut, table } from "./table.ts";

const plain = coloursFor({}, process.stdout, true);
const word = fc.stringMatching(/^[a-z]{1,12}$/);
const cell = fc.array(word, { maxLength: 12 }).map((words) => words.join(" "));
const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 });

test("whatever a table holds, no line is longer than the terminal, and no word of it is lost or moved", () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 20, max: 120 }), (cells, columns) => {
      const texts = laidOut(cells, columns);
      expect(texts.flatMap((text) => text.split("\n")).filter((line) => visibleLength(line) > columns)).toEqual([]);
      const wordsOf = (text: string) => text.split(/\s+/).filter((one) => one !== "");
      expect(texts.map(wordsOf)).toEqual(cells.map((row) => wordsOf(row.join(" "))));
    }),
  );
});

test("where all of it fits, or nobody knows how wide the terminal is, it is a table as ever", () => {
  const cells = [
    ["acme/production", "serving", "https://acme.hello.localhost:8443"],
    ["b", "down", "x"],
  ];
  const lines = ["acme/production  serving  https://acme.hello.localhost:8443", "b                down     x"].join("\n");
  expect([table(cells, true), table(cells, true, 59), table(cells, true, 58) === lines]).toEqual([lines, lines, false]);
});

test("a word that is longer than a line stays whole, so that it can be copied", () => {
  const url = "https://a.very.long.name.example:8443/web/login";
  expect(laidOut([["acme/production", "serving", url]], 30)).toEqual([`acme/production  serving\n    ${url}`]);
});

test("status on a narrow terminal: each stack by itself, what does not fit below it", () => {
  const stacks = [
    { stack: "acme/production", state: "serving", because: [], nodes: [], drift: [], url: "https://acme.hello.localhost" },
    {
      stack: "globex/production",
      state: "degraded",
      because: ["odoo-web restarted 4 times in the last ten minutes and is failing again"],
      nodes: [],
      drift: [],
    },
  ];
  const status = { fleet: "f", asOf: "", stacks, notes: ["no backups exist yet for this fleet"] } as unknown as FleetStatus;
  const text = renderStatus(status, { colours: plain, aligned: true, columns: 44, asOf: "2026-11-22 03:00 CET", detailed: false });
  expect(text.split("\n")).toEqual([
    "acme/production  serving",
    "    https://acme.hello.localhost  drift none",
    "globex/production  degraded",
    "    odoo-web restarted 4 times in the last",
    "    ten minutes and is failing again",
    "    drift none",
    "    → ./ballast why globex/production",
    "as of 2026-11-22 03:00 CET",
    "note: no backups exist yet for this fleet",
  ]);
});

test("a plan, and what guardrails find in it, on a narrow terminal", () => {
  const impact = { interruption: "closed", closedSeconds: 8, irreversible: false, says: "restart, about 8 s downtime" } as const;
  const held = { until: "Sun 02:00 CET", because: "maintenance" };
  const because = ["memoryMiB 2048 → 3072"];
  const change = { node: "acme/production/postgres", kind: "postgres", verb: "update", because, impact, held } as const;
  const stacks = [{ stack: "acme/production", role: "environment", unknown: [], changes: [change] }] as const;
  const plan = { fleet: "f", revision: "r", stacks, notes: [], findings: [] } as unknown as FleetPlan;
  expect(renderPlan(plan, plain, 50).split("\n")).toEqual([
    "~ acme/production",
    "    ~ postgres  memoryMiB 2048 → 3072",
    "        restart, about 8 s downtime; held until",
    "        Sun 02:00 CET (maintenance)",
    "1 environment: 1 to change (1 part held), 0 to",
    "    create, 0 to close, 0 to delete · nothing",
    "    irreversible · now: 0 changes, 1 part held",
  ]);
  const finding = {
    code: "BAL-P007",
    severity: "warning",
    at: "fleet.yaml:5:1",
    message: "one replica stops writes",
    hint: "declare two",
  } as const;
  expect(renderProblems([finding], plain, 40).split("\n")).toEqual([
    "fleet.yaml:5:1  BAL-P007  warning",
    "    one replica stops writes",
    "    → declare two",
  ]);
});
