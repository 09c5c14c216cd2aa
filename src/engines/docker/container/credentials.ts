import type { SecretSpec } from "../../../domain/stack/kinds/secret.ts";
import type { AnyNode } from "../../../domain/stack/node.ts";
import { failure } from "../../../kernel/problem.ts";
import type { ApplyContext } from "../../engine.ts";

/** The value of the credential with this purpose among those that a node uses. */
export async function credentialOf(
  node: Pick<AnyNode, "id" | "uses">,
  context: Pick<ApplyContext, "find" | "vault">,
  purpose: SecretSpec["purpose"],
): Promise<string> {
  for (const edge of node.uses) {
    const used = edge.as === "credential" ? context.find(edge.to) : undefined;
    if (used?.kind === "secret" && used.spec.purpose === purpose) return await context.vault.secret(used.id);
  }
  throw failure("BAL-E003", node.id, `names no ${purpose}`);
}
