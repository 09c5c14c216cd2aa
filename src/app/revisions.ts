import type { Store } from "../adapters/store/store.ts";
import type { AdmissionSnapshot } from "../domain/admission/admit.ts";
import { type Compiled, compile } from "../domain/blueprint/compile.ts";
import { type CompileContext, certificateGeneration } from "../domain/blueprint/context.ts";
import { productionOn, windowOf } from "../domain/blueprint/window.ts";
import { loadFleet } from "../domain/fleet/load.ts";
import type { LoadedFleet } from "../domain/fleet/model.ts";
import { checkPolicies, type PolicyProblem } from "../domain/policy/check.ts";
import type { AnyNode, NodeId } from "../domain/stack/node.ts";
import { nameToType, type StackId, stackOf } from "../domain/stack/node.ts";
import type { Instant } from "../kernel/instant.ts";
import { failure, type Problem, ProblemError } from "../kernel/problem.ts";
import type { CompiledRevision } from "../workflows/services.ts";

export interface Revision extends CompiledRevision {
  readonly hash: string;
  readonly loaded: LoadedFleet;
  readonly warnings: readonly Problem[];
  /** What the guardrails find on a day: waivers end, calendars run out. */
  findings(now: Instant): readonly PolicyProblem[];
}

export interface RevisionOptions {
  readonly store: Pick<Store, "revisionFiles" | "keepRevision">;
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
  /** Compiles anew what is asked for next: what a compilation must know besides the fleet has changed. */
  forget(): void;
}

const REMEMBERED = 8;

export function createRevisions(options: RevisionOptions): Revisions {
  const compiled = new Map<string, Promise<Revision>>();
  async function build(files: readonly { path: string; text: string }[], hash: string, accepted: boolean): Promise<Revision> {
    const loaded = loadFleet(files, { today: dayOf(options.now()), accepted });
    if (!loaded.ok) throw new ProblemError(loaded.problems);
    const result = compile(loaded.value, await options.contextFor(loaded.value));
    if (!result.ok) throw new ProblemError(result.problems);
    const { stacks } = result.value;
    const machine = options.machineMemoryBytes === undefined ? {} : { machineMemoryBytes: options.machineMemoryBytes };
    return {
      hash,
      loaded: loaded.value,
      warnings: [...loaded.warnings, ...result.warnings],
      findings: (now) => checkPolicies({ loaded: loaded.value, stacks, today: dayOf(now), ...machine }),
      ...view(loaded.value, result.value),
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
  return {
    async of(files) {
      return await remember(await options.store.keepRevision(files, new Date(options.now())), files, false);
    },
    async byHash(hash) {
      const known = compiled.get(keyOf(hash, true));
      if (known !== undefined) return await known;
      const files = await options.store.revisionFiles(hash);
      if (files === undefined) throw failure("BAL-A004", hash, "there is no such revision");
      // A revision in force was accepted once: what a newer version would refuse must not make it unreadable.
      return await remember(hash, files, true);
    },
    forget: () => compiled.clear(),
  };
}

function dayOf(now: Instant): string {
  return new Date(now).toISOString().slice(0, 10);
}

function view(loaded: LoadedFleet, compiled: Compiled): Omit<Revision, "hash" | "loaded" | "warnings" | "findings"> {
  const nodes = new Map<NodeId, AnyNode>(
    [...compiled.stacks.values()].flatMap((stack) => stack.nodes.map((node) => [node.id, node] as const)),
  );
  const calendars = new Map(loaded.fleet.calendars.map((calendar) => [calendar.name, calendar]));
  /** What is declared goes only with the whole fleet; what is no longer declared has the name that it had. */
  function namesOf(stack: StackId): Pick<AdmissionSnapshot, "nameToConfirm" | "alsoConfirmedBy"> {
    if (stack.includes("~")) return { nameToConfirm: stack };
    if (compiled.stacks.has(stack)) return { nameToConfirm: loaded.fleet.name };
    return { nameToConfirm: nameToType(stack), alsoConfirmedBy: loaded.fleet.name };
  }
  return {
    fleet: loaded.fleet.name,
    stacks: compiled.stacks,
    find(id) {
      const stack = stackOf(id);
      if (!stack.includes("~")) return nodes.get(id);
      return compiled.twinOf(stack.slice(0, stack.indexOf("~")))?.nodes.find((node) => node.id === id);
    },
    formerly: compiled.formerly,
    twinOf: (stack) => compiled.twinOf(stack),
    snapshot(stack, now) {
      const felt = productionOn(loaded, compiled.stacks, stack);
      const bound = [...new Set(felt.map((environment) => environment.calendar))].flatMap((name) => calendars.get(name) ?? []);
      const window = windowOf(bound, now);
      return {
        protectedByCalendar: felt.length > 0,
        ...(window === undefined ? {} : { window }),
        ...namesOf(stack),
      };
    },
  };
}
