import type { NodeId, StackId } from "../../domain/stack/node.ts";
import type { ObservedNode } from "../../domain/stack/observation.ts";
import type { Scope } from "./scope.ts";

/** What one family of objects (containers, networks, volumes, files, databases) found under our ownership. */
export interface Found {
  readonly nodes: readonly ObservedNode[];
  /** Nodes that cannot be judged now, with the reason. */
  readonly unknown: ReadonlyMap<NodeId, string>;
}

export type Look = (scope: Scope, stack: StackId | undefined) => Promise<Found>;

export const NOTHING_UNKNOWN: ReadonlyMap<NodeId, string> = new Map();
