import type { NodeId } from "../../domain/stack/node.ts";
import type { ObservedNode } from "../../domain/stack/observation.ts";

/** What one family of objects (containers, networks, volumes, files, databases) found under our ownership. */
export interface Found {
  readonly nodes: readonly ObservedNode[];
  /** Nodes that cannot be judged now, with the reason. */
  readonly unknown: ReadonlyMap<NodeId, string>;
}

export const NOTHING_UNKNOWN: ReadonlyMap<NodeId, string> = new Map();
