import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BLUEPRINT_CODES } from "../../src/domain/blueprint/codes.ts";
import { type Compiled, compileWhole } from "../../src/domain/blueprint/compile.ts";
import { FLEET_CODES } from "../../src/domain/fleet/codes.ts";
import { loadFleet } from "../../src/domain/fleet/load.ts";
import { planStack } from "../../src/domain/plan/plan.ts";
import { checkPolicies } from "../../src/domain/policy/check.ts";
import { specHash } from "../../src/domain/stack/node.ts";
import { seenAs } from "../support/arbitrary-stack.ts";
import { mutation, processorMs } from "../support/fleet-mutations.ts";

const ROOT = join(import.meta.dirname, "../..");
const TODAY = "2026-11-22";
const CODES: ReadonlySet<string> = new Set([...FLEET_CODES, ...BLUEPRINT_CODES].map((one) => one.code));
const BASES = [
  "src/domain/fleet/golden/everything.yaml",
  "src/domain/fleet/golden/walkthrough.yaml",
  "examples/hello/fleet.yaml",
  "examples/regional-distributor/fleet.yaml",
  "examples/third-party-logistics/fleet.yaml",
].map((name) => readFileSync(join(ROOT, name), "utf8"));
const CONTEXT = { images: {}, ingress: { address: "127.0.0.1", port: 8443 }, certificateGeneration: 1 };
/** `BALLAST_FUZZ_RUNS` for a longer search; `BALLAST_FUZZ_SEED` to repeat one. */
const RUNS = Number(process.env["BALLAST_FUZZ_RUNS"] ?? 1500);
const SEED = process.env["BALLAST_FUZZ_SEED"];

function assertCoded(text: string, problems: readonly { code: string; at: string; message: string }[]): void {
  const lines = text.split(/\r\n|[\n\r]/).length;
  for (const { code, at, message } of problems) {
    const place = /^fleet[.]yaml:(\d+):(\d+)$/.exec(at);
    const known = [
      CODES.has(code),
      place !== null && Number(place[1]) <= lines,
      message.includes("undefined"),
      message.includes("{field}"),
    ];
    expect([code, ...known]).toEqual([code, true, true, false, false]);
  }
}

function hashesOf({ stacks }: Compiled): readonly string[] {
  return [...stacks.values()].flatMap((stack) => stack.nodes.map((node) => `${node.id} ${specHash(node)}`));
}

/** From the text to the plan of a machine on which nothing is: all that is asked of a fleet before anything is done. */
function throughPlan(text: string): "refused" | "planned" {
  const result = loadFleet([{ path: "fleet.yaml", text }], { today: TODAY });
  assertCoded(text, result.ok ? result.warnings : result.problems);
  expect(result.ok || result.problems.some((one) => one.severity === "error")).toBe(true);
  if (!result.ok) return "refused";
  const { compiled } = compileWhole(result.value, CONTEXT);
  const findings = checkPolicies({ loaded: result.value, stacks: compiled.stacks, today: TODAY });
  for (const { code } of findings) expect(code).toMatch(/^BAL-P\d{3}$/);
  // The laws: compiling is deterministic, and nothing is to be done where everything is as compiled.
  expect(hashesOf(compileWhole(result.value, CONTEXT).compiled)).toEqual(hashesOf(compiled));
  for (const stack of compiled.stacks.values()) {
    expect(planStack(stack, seenAs(stack)).changes).toEqual([]);
    const { changes, obstacles } = planStack(stack, { stack: stack.id, at: 0, nodes: new Map() });
    expect([obstacles, changes.length]).toEqual([[], stack.nodes.length]);
  }
  return "planned";
}

test(`${RUNS} mutated fleets: each is planned or refused with coded problems in their place, none takes a second, nothing breaks`, () => {
  const seen = { refused: 0, planned: 0 };
  let slowest = 0;
  const mutations = fc.array(mutation, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...BASES), mutations, (base, changes) => {
      const text = changes.reduce((so, mutate) => mutate(so), base);
      const ms = processorMs(() => {
        seen[throughPlan(text)] += 1;
      });
      slowest = Math.max(slowest, ms);
      expect(ms).toBeLessThan(1000);
    }),
    { numRuns: RUNS, ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
  );
  console.info(
    `${RUNS} mutated fleets: ${seen.refused} refused, ${seen.planned} planned, the slowest took ${Math.round(slowest)} ms of processor time`,
  );
  expect(seen.planned).toBeGreaterThan(RUNS / 50);
  expect(seen.refused).toBeGreaterThan(RUNS / 4);
});
