import { afterAll, beforeAll, expect, test } from "vitest";
import { chance } from "../../../test/support/churn.ts";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { document, ground } from "../../../test/support/fleet-text.ts";
import { type SimulatedPlane, simulatedPlane } from "../../../test/support/simulated-plane.ts";
import type { FleetPlan } from "../../api/contract/contract.ts";
import { ApplyResultShape } from "../../api/contract/results.ts";
import { createWorld } from "../../engines/memory/world.ts";
import { ProblemError } from "../../kernel/problem.ts";
import { countsOfPlan, countsOfResult } from "../render/counts.ts";

/** Law: what a plan counts is what applying it then does and holds, whatever is declared after whatever. */
const CLOSED = Date.parse("2026-11-23T12:00:00Z");
const OPEN = Date.parse("2026-11-28T02:00:00Z");
const SEED = Number(process.env["BALLAST_COUNTS_SEED"] ?? 1);
const STEPS = 25;
const world = createWorld({ now: OPEN });
let clock = OPEN;
let server: TestServer;
let simulated: SimulatedPlane;

beforeAll(async () => {
  server = await testServer();
  const connectionString = await server.database("counts");
  simulated = await simulatedPlane({ connectionString, fleet: "many", world, now: () => clock });
});
afterAll(async () => {
  await simulated.close();
  await server.stop();
});

interface Declared {
  readonly name: string;
  readonly former?: string;
  readonly memory?: number;
  readonly suspended?: boolean;
  readonly host?: string;
}

function textOf(tenants: readonly Declared[]): string {
  const declared = tenants.map(({ name, former, memory, suspended, host }) => {
    const fields = [
      "hosting: shared, pool: everyone",
      ...(memory === undefined ? [] : [`sizes: { web: { memory: ${memory}Mi } }`]),
      ...(suspended === true ? ["suspended: true"] : []),
      ...(host === undefined ? [] : [`domain: ${host}.many.localhost`]),
    ];
    const spec = `{ owner: { name: Ops, email: ops@many.example }, calendar: office, environments: { production: { ${fields.join(", ")} } } }`;
    return document("Tenant", former === undefined ? name : `${name}, renamedFrom: ${former}`, spec);
  });
  return [...ground("many", { maintenance: '[{ days: [sat, sun], from: "02:00", to: "05:00" }]' }), ...declared].join("---\n");
}

/** What somebody declares next. Each name is used once, so that nothing is taken up that was left. */
function next(tenants: readonly Declared[], step: number): readonly Declared[] {
  const dice = (place: number) => chance(SEED, step * 10 + place);
  const at = Math.floor(dice(1) * tenants.length);
  const change = (to: (one: Declared) => Declared) => tenants.map((one, index) => (index === at ? to(one) : one));
  const kind = Math.floor(dice(0) * 6);
  if (kind === 0 || tenants.length < 2) return [...tenants, { name: `t${step}` }];
  if (kind === 1) return tenants.length > 3 ? tenants.filter((_, index) => index !== at) : tenants;
  if (kind === 2) return change((one) => ({ ...one, memory: 768 + 64 * Math.floor(dice(2) * 4) }));
  if (kind === 3) return change(({ suspended, ...one }) => (suspended === true ? one : { ...one, suspended: true }));
  if (kind === 4) return change((one) => ({ ...one, host: `h${step}` }));
  return change(({ name, ...one }) => ({ ...one, name: `r${step}`, former: name }));
}

async function applied(plan: FleetPlan, tenants: readonly Declared[], step: string) {
  const names = ["many", ...plan.stacks.map((stack) => stack.stack)].join(",");
  const reallyNew = tenants.map(({ name }) => name);
  const files = [{ path: "fleet.yaml", text: textOf(tenants) }];
  await simulated.plane.start({ verb: "apply", id: `op-${step}`, actor: "anna", files, confirmed: names, reallyNew });
  await simulated.ended(`op-${step}`);
  return ApplyResultShape.parse((await simulated.plane.operation(`op-${step}`))?.result);
}

/** Which parts are changed and which held: the same numbers of others would be no agreement. */
function nodesOfPlan({ stacks }: FleetPlan): readonly string[] {
  const acting = stacks.flatMap(({ changes }) => changes.filter((change) => change.verb !== "keep"));
  return acting.map(({ node, verb, held }) => (held === undefined ? `${verb} ${node}` : `held ${node}`)).sort();
}

function nodesOfResult(stacks: ApplyResultShape["stacks"]): readonly string[] {
  return stacks
    .flatMap(({ changed, held }) => [...changed.map(({ node, verb }) => `${verb} ${node}`), ...held.map(({ node }) => `held ${node}`)])
    .sort();
}

test("what a plan counts is what applying it says that it did and holds", async () => {
  let tenants: readonly Declared[] = [{ name: "a" }, { name: "b" }, { name: "c" }];
  const told: string[] = [];
  for (let step = 0; step < STEPS; step++) {
    const wanted = step === 0 ? tenants : next(tenants, step);
    clock = chance(SEED + 1, step) < 0.4 || step === 0 ? OPEN : CLOSED;
    world.now = clock;
    const plan = await simulated.plane.plan([{ path: "fleet.yaml", text: textOf(wanted) }]);
    const result = await applied(plan, wanted, String(step)).catch((error: unknown) => {
      // A rename that is held may not be renamed again, and the like: nothing was changed.
      if (error instanceof ProblemError) return undefined;
      throw error;
    });
    if (result === undefined) continue;
    tenants = wanted;
    expect(nodesOfPlan(plan), `step ${step}`).toEqual(nodesOfResult(result.stacks));
    expect({ step, ...countsOfPlan(plan.stacks) }).toEqual({ step, ...countsOfResult(result.stacks) });
    const { changes, held } = countsOfResult(result.stacks);
    told.push(`${changes > 0 ? "changes" : "none"} ${held > 0 ? "held" : "free"}`);
  }
  // Enough of it happened to say something.
  expect(new Set(told).size).toBe(4);
  expect(told.length).toBeGreaterThan(STEPS / 2);
});
