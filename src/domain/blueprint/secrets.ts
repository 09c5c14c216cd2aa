import type { SecretSpec } from "../stack/kinds/secret.ts";
import { type AnyNode, type Edge, nodeId, type SourceRef, type StackId } from "../stack/node.ts";

/** A secret of a stack, named after its purpose. */
export function secretNode(id: StackId, purpose: SecretSpec["purpose"], bytes: number, from: readonly SourceRef[]): AnyNode {
  return { id: nodeId(id, purpose), kind: "secret", spec: { purpose, bytes, generation: 1 }, uses: [], from };
}

export function credential(id: StackId, purpose: SecretSpec["purpose"]): Edge {
  return { to: nodeId(id, purpose), as: "credential" };
}
