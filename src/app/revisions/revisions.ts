import type { Store } from "../../adapters/store/store.ts";
import type { AdmissionSnapshot, WindowState } from "../../domain/admission/admit.ts";
import { type Compiled, compile } from "../../domain/blueprint/compile.ts";
import { type CompileContext, certificateGeneration } from "../../domain/blueprint/context.ts";
import { productionBehind, windowOf } from "../../domain/blueprint/window.ts";
import type { Calendar } from "../../domain/calendar/calendar.ts";
import type { LoadedFleet } from "../../domain/fleet/model.ts";
import { checkPolicies, type PolicyProblem } from "../../domain/policy/check.ts";
import type { AnyNode, NodeId } from "../../domain/stack/node.ts";
import { nameToType, type StackId, stackOf } from "../../domain/stack/node.ts";
import type { Instant } from "../../kernel/instant.ts";
import { failure, type Problem, ProblemError } from "../../kernel/problem.ts";
import type { CompiledRevision } from "../../workflows/services.ts";
import { type Closing, closingIn } from "./closing.ts";
import { readApart } from "./read-apart.ts";

export interface Revision extends CompiledRevision {
  readonly hash: string;
  readonly loaded: LoadedFleet;
  readonly warnings: readonly Problem[];
  /** As `snapshot`, where other stacks than those written down are to be closed. */
  snapshotWith(closing: Closing, stack: StackId, now: Instant): Promise<Omit<AdmissionSnapshot, "heldBy">>;
  /** The production environments that feel it when a stack is closed, with the calendars that bind them. */
  feltBy(stack: StackId): readonly Felt[];
  /** What the guardrails find on a day: waivers end, calendars run out. */
  findings(now: Instant): readonly PolicyProblem[];
}

export interface Felt {
  readonly address: StackId;
  readonly calendar: Calendar;
}

export interface RevisionOptions {
  readonly store: Pick<Store, "revisionFiles" | "keepRevision" | "setting">;
  /** What a compilation must know besides the fleet; may choose and keep what the fleet leaves open. */
  readonly contextFor: (loaded: LoadedFleet) => Promise<CompileContext>;
  readonly now: () => number;
  /** Of the machine that runs the stacks, where it was looked at. */
  readonly machineMemoryBytes?: number;
}

export interface Revisions {
  /** Loads and compiles files; refuses with every problem at once. */
  of(files: readonly { path: string; text: string }[]): Promise<Revision>;
  /** A kept revision, compiled; the same hash is compiled once. */
  byHash(hash: string): Promise<Revision>;
  /** Compiles again what is asked for next: what a compilation must know besides the fleet has changed. */
  forget(): void;
}

const REMEMBERED = 8;

export function createRevisions(options: RevisionOptions): Revisions {
  const compiled = new Map<string, Promise<Revision>>();
  async function build(files: readonly { path: string; text: string }[], hash: string, accepted: boolean): Promise<Revision> {
    const loaded = await readApart(files, { today: dayOf(options.now()), accepted });
    if (!loaded.ok) throw new ProblemError(loaded.problems);
    const result = compile(loaded.value, await options.contextFor(loaded.value), { accepted });
    if (!result.ok) throw new ProblemError(result.problems);
    const { stacks } = result.value;
    const machine = options.machineMemoryBytes === undefined ? {} : { machineMemoryBytes: options.machineMemoryBytes };
    const seen = view(loaded.value, result.value, byHash);
    return {
      hash,
      loaded: loaded.value,
      warnings: [...loaded.warnings, ...result.warnings],
      findings: (now) => checkPolicies({ loaded: loaded.value, stacks, today: dayOf(now), ...machine }),
      ...seen,
      snapshot: async (stack, now) => await seen.snapshotWith(await closingIn(options.store), stack, now),
    };
  }
  /** What was compiled is used again only as long as the same certificate is wanted. */
  function keyOf(hash: string, accepted: boolean): string {
    return `${hash} ${certificateGeneration(options.now())} ${accepted ? "in force" : "asked for"}`;
  }
  function remember(hash: string, files: readonly { path: string; text: string }[], accepted: boolean): Promise<Revision> {
    const key = keyOf(hash, accepted);
    const known = compiled.get(key);
    if (known !== undefined) return known;
    const built = build(files, hash, accepted);
    compiled.set(key, built);
    built.catch(() => compiled.delete(key));
    for (const old of [...compiled.keys()].slice(0, -REMEMBERED)) compiled.delete(old);
    return built;
  }
  async function byHash(hash: string): Promise<Revision> {
    const known = compiled.get(keyOf(hash, true));
    if (known !== undefined) return await known;
    const files = await options.store.revisionFiles(hash);
    if (files === undefined) throw failure("BAL-A004", hash, "there is no such revision");
    // A revision in force was accepted once: what a newer version would refuse must not make it unreadable.
    return await remember(hash, files, true);
  }
  return {
    byHash,
    async of(files) {
      return await remember(await options.store.keepRevision(files, new Date(options.now())), files, false);
    },
    forget: () => compiled.clear(),
  };
}

function dayOf(now: Instant): string {
  return new Date(now).toISOString().slice(0, 10);
}

type View = Omit<Revision, "hash" | "loaded" | "warnings" | "findings" | "snapshot">;

function view(loaded: LoadedFleet, compiled: Compiled, byHash: (hash: string) => Promise<Revision>): View {
  const nodes = new Map<NodeId, AnyNode>(
    [...compiled.stacks.values()].flatMap((stack) => stack.nodes.map((node) => [node.id, node] as const)),
  );
  const behind = productionBehind(loaded, compiled.stacks);
  const calendars = new Map(loaded.fleet.calendars.map((calendar) => [calendar.name, calendar]));
  /** What is declared goes only with the whole fleet; what is no longer declared has the name that it had. */
  function namesOf(stack: StackId): Pick<AdmissionSnapshot, "nameToConfirm" | "alsoConfirmedBy"> {
    if (stack.includes("~")) return { nameToConfirm: stack, alsoConfirmedBy: loaded.fleet.name };
    if (compiled.stacks.has(stack)) return { nameToConfirm: loaded.fleet.name };
    return { nameToConfirm: nameToType(stack), alsoConfirmedBy: loaded.fleet.name };
  }
  function feltBy(stack: StackId): readonly Felt[] {
    return (behind.get(stack) ?? []).flatMap(({ address, calendar: name }) => {
      const calendar = calendars.get(name);
      return calendar === undefined ? [] : [{ address, calendar }];
    });
  }
  const renamed = new Set(compiled.formerly.values());
  const windowAt = rememberingWindows();
  return {
    fleet: loaded.fleet.name,
    stacks: compiled.stacks,
    find(id) {
      const stack = stackOf(id);
      if (!stack.includes("~")) return nodes.get(id);
      return compiled.cloneOf(stack.slice(0, stack.indexOf("~")))?.nodes.find((node) => node.id === id);
    },
    formerly: compiled.formerly,
    cloneOf: (stack) => compiled.cloneOf(stack),
    feltBy,
    async snapshotWith(closing, stack, now) {
      const leaving = Object.entries(closing).filter(([one]) => !compiled.stacks.has(one));
      const stays = (address: StackId) => compiled.stacks.has(address) || renamed.has(address);
      const former = await Promise.all(leaving.map(([one, hash]) => formerlyFelt(byHash, { leaving: one, hash, stays }, stack)));
      const felt = [...feltBy(stack), ...former.flat()];
      const known = felt.flatMap(({ calendar }) => calendar ?? []);
      const window = known.length < felt.length ? UNREADABLE : windowAt(distinct(known), now);
      return { protectedByCalendar: felt.length > 0, ...(window === undefined ? {} : { window }), ...namesOf(stack) };
    },
  };
}

/** What the same calendars say of one instant is read off once, however many stacks are planned for it. */
function rememberingWindows(): typeof windowOf {
  let last: { readonly now: Instant; readonly windows: Map<string, ReturnType<typeof windowOf>> } | undefined;
  return (calendars, now) => {
    if (last?.now !== now) last = { now, windows: new Map() };
    // By all that they say: one of a former revision may bear the name of another.
    const key = JSON.stringify(calendars);
    if (!last.windows.has(key)) last.windows.set(key, windowOf(calendars, now));
    return last.windows.get(key);
  };
}

/** Unknown is not open: who wants it closed all the same takes the responsibility. */
const UNREADABLE: WindowState = { admitsDisruption: false, because: ["its calendar cannot be read any more, so no window is known"] };

/** Of a stack that is no longer declared: whether it feels it when `stack` is closed, and by which calendar it is bound. */
async function formerlyFelt(
  byHash: (hash: string) => Promise<Revision>,
  { leaving, hash, stays }: { readonly leaving: StackId; readonly hash: string; readonly stays: (address: StackId) => boolean },
  stack: StackId,
): Promise<readonly (Felt | { readonly calendar: undefined })[]> {
  const before = await byHash(hash).catch(() => undefined);
  if (before === undefined) return mayFeel(leaving, stack) ? [{ calendar: undefined }] : [];
  // A pool or a platform that goes is felt by those who used it: who goes too is asked for itself, who stays declared, elsewhere, is asked here.
  return before.feltBy(stack).filter(({ address }) => address === leaving || (leaving === stack && stays(address)));
}

/** Of a stack whose revision cannot be read nobody knows what it stands on: any pool or platform may carry a production. */
function mayFeel(leaving: StackId, stack: StackId): boolean {
  return leaving === stack || (isShared(stack) && !isShared(leaving));
}

function isShared(stack: StackId): boolean {
  return stack.startsWith("pool/") || stack.startsWith("platform/");
}

function distinct(calendars: readonly Calendar[]): readonly Calendar[] {
  return [...new Map(calendars.map((calendar) => [JSON.stringify(calendar), calendar])).values()];
}
