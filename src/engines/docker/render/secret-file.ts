import type { SecretSpec } from "../../../domain/stack/kinds/secret.ts";
import { type AnyNode, nameOf } from "../../../domain/stack/node.ts";
import { credentialOf } from "../container/credentials.ts";
import type { RenderContext } from "./context.ts";
import { type ProjectFile, projectName } from "./service.ts";

/** The file of a credential that a node uses: the bare value. */
export async function secretFile(
  node: Pick<AnyNode, "id" | "uses">,
  context: RenderContext,
  purpose: SecretSpec["purpose"],
): Promise<ProjectFile> {
  const used = node.uses.find((edge) => edge.as === "credential" && nameOf(edge.to) === purpose)?.to ?? node.id;
  const content = `${await credentialOf(node, context, purpose)}\n`;
  return { path: `secrets/${projectName(used)}`, content, secret: true, what: `a password of your choice (${purpose}), on one line` };
}

/** A file of one node that holds a secret among other things. */
export function ownSecret(node: Pick<AnyNode, "id">, name: string, content: string, what: string): ProjectFile {
  return { path: `secrets/${projectName(node.id)}.${name}`, content, secret: true, what };
}

/** A file of one node that everybody may read. */
export function ownConfig(node: Pick<AnyNode, "id">, name: string, content: string): ProjectFile {
  return { path: `config/${projectName(node.id)}/${name}`, content, secret: false, what: "" };
}
