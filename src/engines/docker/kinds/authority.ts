import { join } from "node:path";
import { removeNode, writeNode } from "../container/files.ts";
import { type DockerKind, didCreate } from "./kind.ts";

/** Where browsers' owners find the certificate to trust. */
export const AUTHORITY_FILE = "ca.pem";

export const authority: DockerKind<"authority"> = {
  async realise(scope, node, { change, context }) {
    const { certificate } = await context.vault.certificate(node.id);
    const companion = { path: join(scope.paths.state, AUTHORITY_FILE), content: certificate };
    return didCreate(await writeNode(scope, scope.paths.state, node, { files: {}, readers: "public", companion }), change);
  },
  remove: (scope, node) => removeNode(scope.paths.state, node.id),
};
