import type { Change } from "../../domain/plan/change.ts";
import {
  type DataRecord,
  isRemembered,
  lostDisks,
  type Memory,
  nodeOf,
  type Remembered,
  remember,
  rememberedStacks,
} from "../../domain/stack/data-record.ts";
import { type AnyNode, type NodeId, type Stack, type StackId, stackOf } from "../../domain/stack/node.ts";
import type { Observation } from "../../domain/stack/observation.ts";
import type { Applied, ApplyContext, Engine } from "../../engines/engine.ts";
import { stacksOf } from "../../engines/survey.ts";
import { failure, ProblemError } from "../../kernel/problem.ts";
import { type DataMemory, type DataMemoryParts, type Moment, openDataMemory } from "./data-memory.ts";

interface Parts {
  readonly engine: Engine;
  readonly memory: DataMemory;
  readonly now: () => number;
}

/** Asked for what is remembered as well, an engine says whether it could see it at all. */
function asked(memory: DataMemory, stack: Stack): Stack {
  const wanted = new Set(stack.nodes.map((node) => node.id));
  const known = [...memory.records().values()].filter(({ node }) => stackOf(node) === stack.id && !wanted.has(node));
  if (known.length === 0) return stack;
  return { ...stack, nodes: [...stack.nodes, ...known.map(nodeOf)] };
}

/** An engine with the memory that it needs. */
export async function remembering(machine: Engine, parts: DataMemoryParts): Promise<{ engine: Engine; memory: DataMemory }> {
  const memory = await openDataMemory(parts);
  return { engine: rememberingEngine(machine, memory, () => Date.now()), memory };
}

/** Looks at other stacks as well, and the moment at which the first of these looks was asked for. */
interface Look {
  readonly askedAt?: Moment;
  readonly at: (stack: StackId) => Promise<Observation>;
}

/**
 * An engine that remembers what holds data: what was there once and is not there any more is seen as lost, by whoever looks. It remembers what it
 * sees, so that nothing has to be told when an installation is upgraded, and what it makes; it forgets what is removed by name.
 */
export function rememberingEngine(engine: Engine, memory: DataMemory, now: () => number): Engine {
  const parts: Parts = { engine, memory, now };
  return {
    ...engine,
    observe: async (stack) => {
      const look = lookFrom(parts, memory.moment());
      return await recall(parts, stack, await engine.observe(asked(memory, stack)), look);
    },
    survey(stacks) {
      const look = lookFrom(parts, memory.moment());
      const wide = stacks.map((stack) => asked(memory, stack));
      const answers = engine.survey?.(wide) ?? wide.map((stack) => engine.observe(stack));
      return stacks.map(async (stack, index) => await recall(parts, stack, await (answers[index] as Promise<Observation>), look));
    },
    stacks: async () => [...new Set([...(await stacksOf(engine)), ...rememberedStacks(memory.records())])].sort(),
    apply: (change, context) => memory.whileChanging(change.node, () => applyRemembering(parts, change, context)),
  };
}

/** Looks at other stacks as far as what one stack lost depends on them; at each once. */
function lookFrom({ engine, memory }: Parts, askedAt?: Moment): Look {
  const looks = new Map<StackId, Promise<Observation>>();
  return {
    ...(askedAt === undefined ? {} : { askedAt }),
    at(id) {
      const look = looks.get(id) ?? engine.observe(asked(memory, { id, role: "environment", nodes: [] }));
      looks.set(id, look);
      return look;
    },
  };
}

/** What is remembered, beside an observation that was asked for at a moment; without one the observation is of whoever changes the node, and nobody else does meanwhile. */
function remembered({ memory }: Parts, { askedAt }: Look): Pick<Memory, "records" | "changedSince"> {
  const records = memory.records();
  return askedAt === undefined ? { records } : { records, changedSince: (node) => memory.changedSince(node, askedAt) };
}

async function recall(parts: Parts, stack: Stack, seen: Observation, look: Look): Promise<Observation> {
  const former = await formerObservation(parts, stack, look);
  if (former !== undefined) await note(parts, former, look.askedAt);
  const lost = await lostServers(parts, seen, look);
  const found = remember(seen, {
    ...remembered(parts, look),
    wanted: stack.nodes,
    ...(former === undefined ? {} : { former: former.seen }),
    lostServers: lost,
  });
  await note(parts, found, look.askedAt);
  return withoutAsides(stack, found.seen);
}

/** Of what was asked only because it is remembered, nothing is said but that it is lost. */
function withoutAsides(stack: Stack, seen: Observation): Observation {
  const wanted = new Set(stack.nodes.map((node) => node.id));
  const told = [...seen.nodes].filter(([id, { state }]) => wanted.has(id) || state === "present" || state === "lost");
  return told.length === seen.nodes.size ? seen : { ...seen, nodes: new Map(told) };
}

/** What is there under the former name, as long as not everything of it is known to have been taken over. */
async function formerObservation(parts: Parts, stack: Stack, look: Look): Promise<Remembered | undefined> {
  const { formerly } = stack;
  const records = parts.memory.records();
  const isWhole = (id: NodeId) => records.get(id)?.takesOver === undefined && records.has(id);
  if (formerly === undefined) return undefined;
  if (stack.nodes.every((node) => !isRemembered(node, stack.nodes) || isWhole(node.id))) return undefined;
  const seen = await look.at(formerly);
  return remember(seen, { ...remembered(parts, look), wanted: [], lostServers: new Map() });
}

/** Of the servers on which something of a stack was and is not seen: those whose disk is gone. */
async function lostServers(parts: Parts, seen: Observation, look: Look): Promise<ReadonlyMap<NodeId, string>> {
  const records = parts.memory.records();
  const lost = new Map<NodeId, string>();
  for (const record of records.values()) {
    const server = record.declared.uses.find((edge) => edge.as === "sql")?.to;
    if (stackOf(record.node) !== seen.stack || server === undefined || lost.has(server)) continue;
    const state = seen.nodes.get(record.node)?.state ?? "absent";
    if (state !== "absent") continue;
    const on = stackOf(server) === seen.stack ? seen : await look.at(stackOf(server));
    const because = lostDisks(on, remembered(parts, look));
    if (because !== undefined) lost.set(server, because);
  }
  return lost;
}

async function note({ memory, now }: Parts, { keep, forget }: Pick<Remembered, "keep" | "forget">, askedAt?: Moment): Promise<void> {
  if (keep.length + forget.length > 0)
    await memory.change(
      keep.map((one) => dated(memory, now, one)),
      forget,
      askedAt,
    );
}

function dated(memory: DataMemory, now: () => number, one: Omit<DataRecord, "since">): DataRecord {
  const records = memory.records();
  const since = records.get(one.node)?.since ?? (one.takesOver === undefined ? undefined : records.get(one.takesOver)?.since);
  return { ...one, since: since ?? new Date(now()).toISOString() };
}

async function applyRemembering(parts: Parts, change: Change, context: ApplyContext): Promise<Applied> {
  const node = change.desired ?? (change.observed as AnyNode | undefined);
  if (node === undefined || !isRemembered(node, context.stack.nodes)) return await parts.engine.apply(change, context);
  if (change.verb === "remove") return await removeRemembered(parts, change, context);
  if (change.verb === "keep" || change.desired === undefined) return await parts.engine.apply(change, context);
  const record = parts.memory.records().get(node.id);
  if (change.verb === "create" && record !== undefined) await assertNotLost(parts, change, context);
  const source = sourceOf(parts, change, context);
  const make = () => makeRemembered(parts, { change, node, source }, context);
  return source === undefined ? await make() : await parts.memory.whileChanging(source, make);
}

/** Makes a node, of what another one holds where there is such a source, and remembers it. */
async function makeRemembered(
  parts: Parts,
  { change, node, source }: { readonly change: Change; readonly node: AnyNode; readonly source: NodeId | undefined },
  context: ApplyContext,
): Promise<Applied> {
  const declared = { spec: node.spec, uses: node.uses };
  const base = { node: node.id, kind: node.kind, declared, ...(context.operation === undefined ? {} : { operation: context.operation }) };
  // Written before anything moves: killed in the middle, what has moved already is not taken for the whole.
  if (source !== undefined) await note(parts, { keep: [{ ...base, takesOver: source }], forget: [] });
  const applied = await parts.engine.apply(change, { ...context, formerly: () => source });
  const { takesOver: _, ...kept } = { ...base, ...parts.memory.records().get(node.id), declared };
  await note(parts, { keep: [kept], forget: source === undefined ? [] : [source] });
  return applied;
}

/** Whose data it takes over: nobody's once it has data of its own. */
function sourceOf({ memory }: Parts, { node }: Change, context: ApplyContext): NodeId | undefined {
  const record = memory.records().get(node);
  if (record !== undefined) return record.takesOver;
  const former = context.formerly?.(node);
  return former !== undefined && memory.records().has(former) ? former : undefined;
}

/** The last guard: whatever was decided before, what held data is not recreated when it is gone. */
async function assertNotLost(parts: Parts, { node }: Change, { stack }: ApplyContext): Promise<void> {
  const seen = await recall(parts, stack, await parts.engine.observe(asked(parts.memory, stack)), lookFrom(parts));
  const observation = seen.nodes.get(node);
  if (observation?.state === "lost") throw failure("BAL-W026", node, `${observation.because}; it is not recreated by itself`);
}

/** What is removed by name is forgotten, also where nothing of it is left, or the server that had it. */
async function removeRemembered(parts: Parts, change: Change, context: ApplyContext): Promise<Applied> {
  const applied = await parts.engine.apply(change, context).catch(async (error: unknown): Promise<Applied> => {
    const unreachable = error instanceof ProblemError && error.problems.every((problem) => problem.code === "BAL-E002");
    if (!unreachable || !(await isLost(parts, change.node))) throw error;
    return { node: change.node, did: "nothing", facts: {} };
  });
  await parts.memory.change([], [change.node]);
  return applied;
}

async function isLost(parts: Parts, node: NodeId): Promise<boolean> {
  const stack: Stack = { id: stackOf(node), role: "environment", nodes: [] };
  const seen = await recall(parts, stack, await parts.engine.observe(asked(parts.memory, stack)), lookFrom(parts));
  return seen.nodes.get(node)?.state === "lost";
}
