/** Measures the plan of a large fleet that stands, on the simulated engine: `npm run bench:plan`. Every question to the engine takes 5 ms. */
import { setTimeout as sleep } from "node:timers/promises";
import { planRevision } from "../src/app/revisions/planning.ts";
import { createRevisions } from "../src/app/revisions/revisions.ts";
import { planStack } from "../src/domain/plan/plan.ts";
import { specHash } from "../src/domain/stack/node.ts";
import type { Engine } from "../src/engines/engine.ts";
import { createMemoryEngine } from "../src/engines/memory/engine.ts";
import { createWorld } from "../src/engines/memory/world.ts";
import { survey } from "../src/engines/survey.ts";
import { median } from "./fleet.ts";

const ENVIRONMENTS = 1000;
const SERVERS = 20;
const ROUNDS = 5;
const CALL_MS = 5;
const API = "apiVersion: ballast.dev/v1alpha1";
const NOW = Date.parse("2026-11-22T12:00:00Z");

function files(): { path: string; text: string }[] {
  const base = [
    `${API}\nkind: Fleet\nmetadata: { name: large }`,
    `${API}\nkind: Region\nmetadata: { name: here }\nspec: { engine: { docker: {} }, jurisdiction: DE }`,
    `${API}\nkind: Calendar\nmetadata: { name: office }\nspec: { zone: Europe/Berlin, coveredUntil: 2028-12-31, maintenance: [{ days: [sun], from: "02:00", to: "05:00" }] }`,
    ...Array.from(
      { length: SERVERS },
      (_, index) => `${API}\nkind: Pool\nmetadata: { name: pool-${index} }\nspec: { postgres: { maxConnections: 2000 } }`,
    ),
  ];
  const tenants = Array.from({ length: ENVIRONMENTS }, (_, index) => {
    const environments = `{ production: { hosting: shared, pool: pool-${index % SERVERS} } }`;
    return `${API}\nkind: Tenant\nmetadata: { name: tenant-${index} }\nspec:\n  owner: { name: Branch ${index}, email: ops@tenant${index}.example }\n  calendar: office\n  environments: ${environments}`;
  });
  return [{ path: "fleet.yaml", text: [...base, ...tenants].join("\n---\n") }];
}

/** Counts the questions and makes each take its time; the machine asks one after another. */
function slow(engine: Engine): { readonly engine: Engine; readonly calls: () => number } {
  let calls = 0;
  async function waited<T>(answer: () => Promise<T>): Promise<T> {
    calls++;
    await sleep(CALL_MS);
    return await answer();
  }
  return {
    calls: () => calls,
    engine: {
      ...engine,
      stacks: () => waited(() => engine.stacks()),
      observe: (stack) => waited(() => engine.observe(stack)),
      survey(stacks) {
        const answers = waited(async () => await Promise.all(engine.survey?.(stacks) ?? []));
        return stacks.map(async (_, index) => (await answers)[index] as Awaited<ReturnType<Engine["observe"]>>);
      },
    },
  };
}

const kept = new Map<string, { path: string; text: string }[]>();
const store = {
  keepRevision: async (all: readonly { path: string; text: string }[]) => {
    kept.set("r", [...all]);
    return "r";
  },
  revisionFiles: async (hash: string) => kept.get(hash),
  setting: async () => undefined,
};
const contextFor = async () => ({ images: {}, ingress: { address: "127.0.0.1", port: 8443 }, certificateGeneration: 1 });
const revision = await createRevisions({ store, contextFor, now: () => NOW }).of(files());
const world = createWorld({ now: NOW, capacityMiB: 1 << 30 });
for (const node of [...revision.stacks.values()].flatMap((stack) => stack.nodes)) {
  const { id, kind, spec, uses } = node;
  world.objects.set(id, { declared: { id, kind, spec, uses } as never, hash: specHash(node), condition: "serving", log: [] });
}
const plain = createMemoryEngine(world);
const stacks = [...revision.stacks.values()];
const seen = await survey(plain, stacks);
const [floors, plans, counts]: [number[], number[], number[]] = [[], [], []];
for (let round = 0; round < ROUNDS; round++) {
  let at = performance.now();
  const differing = stacks.filter((stack, index) => planStack(stack, seen[index] as (typeof seen)[number]).changes.length > 0);
  floors.push(performance.now() - at);
  if (differing.length > 0) throw new Error(`${differing.length} stacks differ`);
  const { engine, calls } = slow(plain);
  at = performance.now();
  const plan = await planRevision({ engine, closing: {}, now: NOW }, revision);
  plans.push(performance.now() - at);
  counts.push(calls());
  if (plan.stacks.length !== stacks.length) throw new Error(`${plan.stacks.length} stacks were planned`);
}
const [floor, took] = [median(floors), median(plans)];
console.log(
  `plan of ${ENVIRONMENTS} environments on ${SERVERS} servers: ${(took / 1000).toFixed(2)} s (at most 2 s), ${median(counts)} questions to the engine`,
);
console.log(`  floor, every stack compared with what was seen before: ${(floor / 1000).toFixed(2)} s, ratio ${(took / floor).toFixed(1)}`);
