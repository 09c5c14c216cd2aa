import type { Json } from "../../kernel/canonical.ts";
import { hashOf } from "../../kernel/canonical.ts";
import type { EdgePurpose } from "./edge.ts";
import type { SpecOf } from "./kinds/specs.ts";

export type { EdgePurpose } from "./edge.ts";

/** `central/production`, `pool/subsidiaries` or `platform/here`. */
export type StackId = string;
/** A stack's id and the node's own name: `central/production/odoo`. */
export type NodeId = string;
export type NodeKind = keyof SpecOf;

/** Where a declaration stands: `file:line:column`, or the default or tier it came from. */
export interface SourceRef {
  readonly at: string;
  readonly what: string;
}

/** What one node needs of another. The truth about dependency: start order, network policy and blast radius are derived from edges alone. */
export interface Edge {
  readonly to: NodeId;
  readonly as: EdgePurpose;
  /** Of a secret that was rotated, so that its users differ until they know the new value. Missing for the first. */
  readonly generation?: number;
}

/** `credential acme/production/role-password`, with `#2` after a rotation. */
export function edgeText({ as, to, generation }: Edge): string {
  return generation === undefined ? `${as} ${to}` : `${as} ${to}#${generation}`;
}

export interface StackNode<K extends NodeKind = NodeKind> {
  readonly id: NodeId;
  readonly kind: K;
  readonly spec: SpecOf[K];
  readonly uses: readonly Edge[];
  readonly from: readonly SourceRef[];
}

/** A node of any kind, as a union that narrows by `kind`. */
export type AnyNode = { [K in NodeKind]: StackNode<K> }[NodeKind];

export interface Stack {
  readonly id: StackId;
  readonly role: "environment" | "pool" | "platform";
  readonly nodes: readonly AnyNode[];
  /** Declared as closed to everybody; its data and its servers stay. */
  readonly suspended?: true;
  /** The stack whose data it takes over, where its tenant had another name. */
  readonly formerly?: StackId;
}

export function nodeId(stack: StackId, name: string): NodeId {
  return `${stack}/${name}`;
}

/** The stack part of a node's id. */
export function stackOf(id: NodeId): StackId {
  return id.slice(0, id.lastIndexOf("/"));
}

/** The node's own name inside its stack. */
export function nameOf(id: NodeId): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

/** True of a stack whose servers several environments use. */
export function isShared(stack: StackId): boolean {
  return stack.startsWith("pool/");
}

/** The name that is typed before a stack is deleted: its tenant's for a production, else its whole address, and a pool's own. */
export function nameToType(stack: StackId): string {
  const [first = "", second = ""] = stack.split("/");
  if (first === "pool" || first === "platform") return second;
  return second === "production" ? first : stack;
}

/** The identity of what is wanted of a node: kind, spec and edges. Places in files do not count, so that moving a line changes nothing. */
export function specHash(node: Pick<AnyNode, "kind" | "spec" | "uses">): string {
  const uses = node.uses.map(edgeText).sort();
  return hashOf({ kind: node.kind, spec: node.spec as unknown as Json, uses }).slice(0, 16);
}
