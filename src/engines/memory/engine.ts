import type { PageObservation } from "../../domain/health/page.ts";
import type { UndoneWork } from "../../domain/health/work.ts";
import type { Change } from "../../domain/plan/change.ts";
import { KINDS } from "../../domain/stack/kinds/facts.ts";
import { type AnyNode, type NodeId, type Stack, type StackId, type StackNode, specHash, stackOf } from "../../domain/stack/node.ts";
import { ADOPTED, type Observation, type ObservedNode, type Seen, type Stranger } from "../../domain/stack/observation.ts";
import { failure } from "../../kernel/problem.ts";
import type { Applied, ApplyContext, Engine, LogLine, LogRequest } from "../engine.ts";
import { type MemoryObject, memoryOf, promisedMiB, type World } from "./world.ts";

/** A fault to be met once: the next time this verb reaches this node it fails so. */
export interface MemoryFault {
  readonly verb: "observe" | "apply";
  readonly node: NodeId;
  readonly because: string;
}

/** An engine over a simulated world: the same port, with time, capacity and faults, so that a thousand tenants or a lost host can be rehearsed in a test. */
export function createMemoryEngine(world: World, faults: MemoryFault[] = []): Engine {
  return {
    name: "memory",
    observe: async (stack) => observe(world, stack),
    survey(stacks) {
      const byStack = Map.groupBy(world.objects.keys(), stackOf);
      return stacks.map(async (stack) => seenOf(world, stack, byStack.get(stack.id) ?? []));
    },
    stacks: async () => [...new Set([...world.objects.keys()].map(stackOf))].sort(),
    apply: async (change, context) => {
      meetFault(faults, "apply", change.node);
      const applied = await applyTo(world, change, context);
      world.save();
      return applied;
    },
    adopt: async (node) => adopt(world, node),
    page: async (stack, entry) => pageOf(world, stack, entry),
    undoneWork: async (stack) => undoneWorkOf(world, stack),
    stop: async (stack) => stopAll(world, stack),
    logs: (request) => logLines(world, request),
    endpoint: async (node) => (world.objects.get(node)?.condition === "serving" ? { host: "memory.invalid", port: 0 } : undefined),
    close: async () => undefined,
  };
}

/** As long as nothing else is said, the page of a stack is answered while its ingress and all of its processes serve. */
function pageOf(world: World, stack: Stack, entry: StackNode<"ingress"> | undefined): PageObservation | undefined {
  if (entry === undefined) return undefined;
  const serves = (id: NodeId) => world.objects.get(id)?.condition === "serving";
  const up = serves(entry.id) && stack.nodes.filter((node) => KINDS[node.kind].runs).every((node) => serves(node.id));
  const usual = up ? ({ outcome: "answered", status: 200 } as const) : ({ outcome: "failed", status: 502 } as const);
  return { at: world.now, milliseconds: 1, ...(world.pages.get(stack.id) ?? usual) };
}

function undoneWorkOf(world: World, stack: Stack): UndoneWork | undefined {
  if (!stack.nodes.some((node) => node.kind === "database")) return undefined;
  const nothing = { modules: { count: 0, names: [] }, actions: { overdue: 0, oldestSeconds: 0, runningSeconds: 0 } };
  return { at: world.now, ...(world.undone.get(stack.id) ?? nothing) };
}

function meetFault(faults: MemoryFault[], verb: MemoryFault["verb"], node: NodeId): void {
  const index = faults.findIndex((fault) => fault.verb === verb && fault.node === node);
  if (index < 0) return;
  const [fault] = faults.splice(index, 1) as [MemoryFault];
  throw failure("BAL-E001", node, fault.because);
}

function observe(world: World, stack: Stack): Observation {
  return seenOf(
    world,
    stack,
    [...world.objects.keys()].filter((id) => stackOf(id) === stack.id),
  );
}

function seenOf(world: World, stack: Stack, found: readonly NodeId[]): Observation {
  const wanted = stack.nodes.map((node) => node.id);
  const nodes = new Map<NodeId, Seen<ObservedNode>>();
  for (const id of new Set([...wanted, ...found])) nodes.set(id, see(world, id));
  return { stack: stack.id, at: world.now, nodes };
}

function see(world: World, id: NodeId): Seen<ObservedNode> {
  const silence = world.silent.get(id) ?? world.silent.get("*");
  if (silence !== undefined) return { state: "unknown", since: world.now, because: silence };
  const object = world.objects.get(id);
  if (object === undefined) return { state: "absent", at: world.now, ...insteadOf(world, id) };
  const { declared, hash, condition, because, edits, identity } = object;
  return {
    state: "present",
    at: world.now,
    value: {
      declared,
      hash,
      condition,
      ...(because === undefined ? {} : { because }),
      ...(edits === undefined ? {} : { edits }),
      facts: identity === undefined ? {} : { identity },
    },
  };
}

function insteadOf(world: World, id: NodeId): { instead?: Stranger } {
  const identity = world.foreign.get(id);
  return identity === undefined ? {} : { instead: { says: `a stranger ${identity}`, removal: "take it away", adoptable: true, identity } };
}

/** Whoever stands under the name of a node, or has replaced it, becomes the node's own, and is told later what that means. */
function adopt(world: World, node: AnyNode): string | undefined {
  const identity = world.foreign.get(node.id) ?? world.objects.get(node.id)?.identity;
  world.foreign.delete(node.id);
  const declared = { id: node.id, kind: node.kind, spec: node.spec, uses: node.uses } as MemoryObject["declared"];
  const own = { declared, hash: ADOPTED, condition: "serving" as const, log: [] };
  world.objects.set(node.id, { ...own, ...(identity === undefined ? {} : { identity }) });
  world.save();
  return identity;
}

async function applyTo(world: World, change: Change, context: ApplyContext): Promise<Applied> {
  const silence = world.silent.get(change.node) ?? world.silent.get("*");
  if (silence !== undefined) throw failure("BAL-E002", change.node, `cannot be reached: ${silence}`);
  if (change.verb === "remove") return remove(world, change.node);
  if (change.verb === "keep" || change.desired === undefined) return done(change.node, "nothing");
  if (change.inPlace === true) return putRight(world, change.node);
  const outcome = { create: "created", update: "updated", replace: "replaced", start: "started" } as const;
  return (await realise(world, change, change.desired, context)) ? done(change.node, outcome[change.verb]) : done(change.node, "nothing");
}

/** Puts back what was changed by hand, while the object goes on. */
function putRight(world: World, node: NodeId): Applied {
  const object = world.objects.get(node);
  if (object === undefined) return done(node, "nothing");
  const { edits: _, ...rest } = object;
  world.objects.set(node, rest);
  return done(node, "repaired");
}

/** Makes a node real; false when it already is. An update of an unchanged node follows a change beside it and is always carried out. */
async function realise(world: World, change: Change, node: AnyNode, context: ApplyContext): Promise<boolean> {
  const before = world.objects.get(node.id);
  const hash = specHash(node);
  if (change.verb !== "update" && before?.hash === hash && before.condition === "serving") return false;
  await openCredentials(node, context);
  checkFoundations(world, node);
  checkCapacity(world, node, before);
  world.now += Math.round(KINDS[node.kind].usualSeconds * 1000);
  takeOver(world, node, context);
  world.objects.set(node.id, {
    declared: { id: node.id, kind: node.kind, spec: node.spec, uses: node.uses } as MemoryObject["declared"],
    hash,
    condition: "serving",
    ...(before?.identity === undefined ? {} : { identity: before.identity }),
    log: [...(before?.log ?? []), `${new Date(world.now).toISOString()} ${change.verb} ${node.id}`],
  });
  world.effects.set(node.id, (world.effects.get(node.id) ?? 0) + 1);
  return true;
}

/** What holds data and had another name becomes the node's own: under its former name it is there no more. */
function takeOver(world: World, node: AnyNode, context: ApplyContext): void {
  const former = KINDS[node.kind].holdsData ? context.formerly?.(node.id) : undefined;
  if (former !== undefined && !world.objects.has(node.id)) world.objects.delete(former);
}

/** Opens what the node uses, as a real engine would to write its files; a sealed value that cannot be opened must stop the change. */
async function openCredentials(node: AnyNode, context: ApplyContext): Promise<void> {
  if (node.kind === "secret") await context.vault.secret(node.id);
  if (node.kind === "certificate") await context.vault.certificate(node.id);
}

function checkFoundations(world: World, node: AnyNode): void {
  for (const edge of node.uses) {
    const used = world.objects.get(edge.to);
    if (used?.condition === "serving") continue;
    throw failure("BAL-E003", node.id, `needs ${edge.to} (${edge.as}), which is ${used?.condition ?? "not there"}`);
  }
}

function checkCapacity(world: World, node: AnyNode, before: MemoryObject | undefined): void {
  const more = memoryOf(node) - (before?.condition === "serving" ? memoryOf(before.declared) : 0);
  const free = world.capacityMiB - promisedMiB(world);
  if (more > free) throw failure("BAL-E004", node.id, `wants ${more} MiB, ${free} MiB of ${world.capacityMiB} MiB are free`);
}

function remove(world: World, id: NodeId): Applied {
  if (!world.objects.delete(id)) return done(id, "nothing");
  world.effects.set(id, (world.effects.get(id) ?? 0) + 1);
  world.now += 200;
  return done(id, "removed");
}

function done(node: NodeId, did: Applied["did"]): Applied {
  return { node, did, facts: {} };
}

function stopAll(world: World, stack: StackId): void {
  for (const [id, object] of world.objects) {
    if (stackOf(id) === stack && KINDS[object.declared.kind].runs) world.objects.set(id, { ...object, condition: "stopped" });
  }
  world.save();
}

async function* logLines(world: World, request: LogRequest): AsyncIterable<LogLine> {
  for (const [id, object] of world.objects) {
    if (stackOf(id) !== request.stack || (request.node !== undefined && request.node !== id)) continue;
    for (const line of object.log.slice(-request.tail)) {
      const space = line.indexOf(" ");
      yield { node: id, at: line.slice(0, space), text: line.slice(space + 1) };
    }
  }
}
