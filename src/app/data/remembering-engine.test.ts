import fc from "fast-check";
import { expect, test } from "vitest";
import { type AnyNode, type NodeId, type Stack, type StackId, specHash, stackOf } from "../../domain/stack/node.ts";
import type { Observation, ObservedNode, Seen } from "../../domain/stack/observation.ts";
import type { ApplyContext, Engine } from "../../engines/engine.ts";
import { openDataMemory } from "./data-memory.ts";
import { rememberingEngine } from "./remembering-engine.ts";

function databaseOf(stack: StackId): AnyNode {
  const name = stack.replace("/", "_");
  const urls = { reportUrl: "r", baseUrl: "u" };
  const spec = { name, role: name, connectionLimit: 5, series: "19.0", settings: {}, ...urls, neutralised: false, adminLogin: "admin" };
  return { id: `${stack}/database`, kind: "database", spec, uses: [], from: [] };
}

const OLD: Stack = { id: "old/production", role: "environment", nodes: [databaseOf("old/production")] };
const NEW: Stack = { id: "new/production", role: "environment", nodes: [databaseOf("new/production")], formerly: OLD.id };
const STACKS = { old: OLD, new: NEW };
type Name = keyof typeof STACKS;

/** Lets everything run that waits for nothing of this test. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A machine of which each look and each change takes its steps one by one: it is begun, it sees or does what it does, it ends. */
function steppingMachine() {
  const objects = new Map<NodeId, number>();
  const steps: (() => void)[][] = [];
  let made = 0;
  function slowly<T>(work: () => T): Promise<T> {
    const middle = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    steps.push([middle.resolve, end.resolve]);
    return middle.promise.then(work).then(async (value) => await end.promise.then(() => value));
  }
  function observationOf(node: AnyNode): Seen<ObservedNode> {
    const identity = objects.get(node.id);
    if (identity === undefined) return { state: "absent", at: 0 };
    return { state: "present", at: 0, value: { declared: node, hash: specHash(node), condition: "serving", facts: { identity } } };
  }
  function seen(stack: Stack): Observation {
    const here = Object.values(STACKS).flatMap(({ nodes }) => nodes.filter(({ id }) => stackOf(id) === stack.id && objects.has(id)));
    return { stack: stack.id, at: 0, nodes: new Map([...stack.nodes, ...here].map((node) => [node.id, observationOf(node)])) };
  }
  const engine = {
    observe: (stack: Stack) => slowly(() => seen(stack)),
    stacks: async () => [],
    apply: (change, context) =>
      slowly(() => {
        const source = context.formerly?.(change.node);
        const identity = (source === undefined ? undefined : objects.get(source)) ?? ++made;
        if (source !== undefined) objects.delete(source);
        if (change.verb === "remove") objects.delete(change.node);
        else objects.set(change.node, identity);
        return { node: change.node, did: "created", facts: {} };
      }),
  } as Pick<Engine, "observe" | "stacks" | "apply"> as Engine;
  return { engine, objects, steps };
}

async function remembered(machine: Engine) {
  let sequence = 0;
  const store = {
    dataRecords: async () => ({ sequence, records: [] }),
    changeDataRecords: async () => ++sequence,
    replaceDataRecords: async () => undefined,
  };
  const memory = await openDataMemory({ store, folder: undefined, fault: (error) => expect.unreachable(String(error)) });
  return { memory, engine: rememberingEngine(machine, memory, () => 0) };
}

/** Begins to make a database, from what is under its former name where something is, or to remove it. */
function begin(engine: Engine, verb: "create" | "remove", stack: Stack): Promise<unknown> {
  const [node] = stack.nodes as [AnyNode];
  const change = { node: node.id, kind: node.kind, verb, because: [], impact: "none", after: [] } as never as Parameters<
    Engine["apply"]
  >[0];
  const alone = { stack } as unknown as ApplyContext;
  const desired = verb === "create" ? { ...change, desired: node } : { ...change, observed: node };
  return engine.apply(desired, stack === NEW ? { ...alone, formerly: () => OLD.nodes[0]?.id } : alone);
}

type Step = { readonly look: Name } | { readonly change: Name; readonly verb: "create" | "remove" } | { readonly go: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ look: fc.constantFrom("old", "new") }) },
  { weight: 2, arbitrary: fc.record({ change: fc.constantFrom("old", "new"), verb: fc.constantFrom("create", "remove") }) },
  { weight: 5, arbitrary: fc.record({ go: fc.nat(7) }) },
) as fc.Arbitrary<Step>;

/** Takes the steps in their order, one change at a time, and then lets everything end. Returns every observation. */
async function runSteps(steps: readonly Step[]) {
  const { engine: machine, objects, steps: open } = steppingMachine();
  const { engine, memory } = await remembered(machine);
  const observations: Promise<Observation>[] = [];
  const changes: Promise<unknown>[] = [];
  let changing = false;
  const isThere = (stack: Stack) => objects.has((stack.nodes[0] as AnyNode).id);
  async function go(at: number): Promise<void> {
    const waiting = open.filter((one) => one.length > 0);
    waiting[at % waiting.length]?.shift()?.();
    await settled();
  }
  for (const step of steps) {
    if ("look" in step) observations.push(engine.observe(STACKS[step.look]));
    else if ("go" in step) await go(step.go);
    else if (!changing && isThere(STACKS[step.change]) === (step.verb === "remove") && (step.change === "new" || !isThere(NEW))) {
      changing = true;
      changes.push(begin(engine, step.verb, STACKS[step.change]).finally(() => (changing = false)));
    }
    await settled();
  }
  while (open.some((one) => one.length > 0)) await go(0);
  await Promise.all(changes);
  return { observations: await Promise.all(observations), records: memory.records(), objects };
}

test("what is remembered is what is there, and nothing is ever called lost, however looks and changes overlap", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 4, maxLength: 24 }), async (steps) => {
      const { observations, records, objects } = await runSteps(steps);
      const lost = observations.flatMap(({ nodes }) => [...nodes].filter(([, { state }]) => state === "lost"));
      expect(lost).toEqual([]);
      expect([...records.keys()].toSorted()).toEqual([...objects.keys()].toSorted());
      for (const { node, identity, takesOver } of records.values())
        expect([takesOver, identity ?? String(objects.get(node))]).toEqual([undefined, String(objects.get(node))]);
    }),
    { numRuns: 400 },
  );
});

const BEGUN_BEFORE_THE_END: readonly (readonly [string, readonly Step[]])[] = [
  [
    "a removal",
    [
      { change: "old", verb: "create" },
      { go: 0 },
      { go: 0 },
      { look: "old" },
      { go: 0 },
      { change: "old", verb: "remove" },
      { go: 1 },
      { go: 1 },
    ],
  ],
  ["a creation", [{ look: "old" }, { go: 0 }, { change: "old", verb: "create" }, { go: 1 }, { go: 1 }]],
  [
    "a take-over",
    [
      { change: "old", verb: "create" },
      { go: 0 },
      { go: 0 },
      { look: "old" },
      { look: "new" },
      { go: 0 },
      { go: 1 },
      { change: "new", verb: "create" },
      { go: 2 },
      { go: 2 },
    ],
  ],
];

test.each(BEGUN_BEFORE_THE_END)(
  "a look that began before %s, and ends after it, changes nothing and calls nothing lost",
  async (_, steps) => {
    const { observations, records, objects } = await runSteps(steps);
    expect(observations.flatMap(({ nodes }) => [...nodes.values()].filter(({ state }) => state === "lost"))).toEqual([]);
    expect([...records.keys()]).toEqual([...objects.keys()]);
  },
);
