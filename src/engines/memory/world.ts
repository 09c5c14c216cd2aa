import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { PageObservation } from "../../domain/health/page.ts";
import type { UndoneWork } from "../../domain/health/work.ts";
import type { AnyNode, NodeId, StackId } from "../../domain/stack/node.ts";
import type { Condition, Edit } from "../../domain/stack/observation.ts";

/** One simulated object, as the world remembers it. */
export interface MemoryObject {
  readonly declared: Pick<AnyNode, "id" | "kind" | "spec" | "uses">;
  readonly hash: string;
  readonly condition: Condition;
  readonly because?: string;
  /** Tells it from another one of its name. */
  readonly identity?: string;
  /** Changed by hand since it was made. */
  readonly edits?: readonly Edit[];
  readonly log: readonly string[];
}

/**
 * The simulated machine: objects, time and capacity. It outlives an engine, as a real host outlives a control plane.
 * With a file it also outlives a killed process: every change is written to a temporary name and renamed before it counts.
 */
export interface World {
  readonly objects: Map<NodeId, MemoryObject>;
  /** Objects of somebody else, never to be touched. */
  readonly foreign: Map<string, string>;
  /** Simulated milliseconds since 1970. */
  now: number;
  /** Memory that the machine has, MiB. */
  readonly capacityMiB: number;
  /** Reasons for which one node, or under `*` the whole machine, does not answer. */
  readonly silent: Map<string, string>;
  /** What asking a stack for its page comes to, where no page is answered. */
  readonly pages: Map<StackId, Pick<PageObservation, "outcome" | "status" | "because">>;
  /** What its database says is left undone, for a stack whose Odoo leaves anything. */
  readonly undone: Map<StackId, Omit<UndoneWork, "at">>;
  /** How many times each node was really changed: an idempotent caller changes a node once. */
  readonly effects: Map<NodeId, number>;
  save(): void;
}

export interface WorldOptions {
  readonly capacityMiB?: number;
  readonly now?: number;
  readonly file?: string;
}

export function createWorld(options: WorldOptions = {}): World {
  const saved = options.file === undefined ? undefined : readSaved(options.file);
  const world: World = {
    objects: new Map(saved?.objects),
    foreign: new Map(),
    now: saved?.now ?? options.now ?? 0,
    capacityMiB: options.capacityMiB ?? 1 << 20,
    silent: new Map(),
    pages: new Map(),
    undone: new Map(),
    effects: new Map(saved?.effects),
    save() {
      if (options.file === undefined) return;
      const text = JSON.stringify({ objects: [...world.objects], now: world.now, effects: [...world.effects] });
      writeFileSync(`${options.file}.new`, text);
      renameSync(`${options.file}.new`, options.file);
    },
  };
  return world;
}

interface Saved {
  readonly objects: [NodeId, MemoryObject][];
  readonly now: number;
  readonly effects: [NodeId, number][];
}

function readSaved(file: string): Saved | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Saved;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Memory that the running objects of the world have been promised, MiB. */
export function promisedMiB(world: World): number {
  return [...world.objects.values()]
    .filter((object) => object.condition === "serving")
    .reduce((sum, object) => sum + memoryOf(object.declared), 0);
}

export function memoryOf(node: Pick<AnyNode, "spec">): number {
  return "memoryMiB" in node.spec ? node.spec.memoryMiB : 0;
}
