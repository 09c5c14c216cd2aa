import { replaceFile } from "../../adapters/files/replace-file.ts";
import { nodeId } from "../../domain/stack/node.ts";
import type { Vault } from "../../engines/engine.ts";
import type { Revision } from "../revisions/revisions.ts";

/** Writes the first passwords of all environments into one file that only its owner may read. */
export async function writeCredentials(file: string, revision: Revision, vault: Vault): Promise<void> {
  const lines = ["# First passwords. Change them after the first login; this file is not read again by anybody."];
  for (const stack of revision.stacks.values()) {
    const database = stack.nodes.find((node) => node.kind === "database");
    if (database === undefined) continue;
    const password = await vault.secret(nodeId(stack.id, "admin-password"));
    lines.push(`${stack.id}  ${database.spec.baseUrl}  ${database.spec.adminLogin}  ${password}`);
  }
  await replaceFile(file, `${lines.join("\n")}\n`, { mode: 0o600 });
}
