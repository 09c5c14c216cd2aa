import { join } from "node:path";
import { removeNode, replaceFile, writeNode } from "../files.ts";
import { type DockerKind, didCreate } from "./kind.ts";

/** Where browsers' owners find the certificate to trust. */
export const AUTHORITY_FILE = "ca.pem";

export const authority: DockerKind<"authority"> = {
  async realise(scope, node, { change, context }) {
    const { certificate } = await context.vault.certificate(node.id);
    await replaceFile(join(scope.paths.state, AUTHORITY_FILE), certificate, false);
    return didCreate(await writeNode(scope, scope.paths.state, node, { files: {}, readers: "public" }), change);
  },
  remove: (scope, node) => removeNode(scope.paths.state, node.id),
};
