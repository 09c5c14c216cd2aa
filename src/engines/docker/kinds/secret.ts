import { removeNode, writeNode } from "../files.ts";
import { type DockerKind, didCreate } from "./kind.ts";

export const secret: DockerKind<"secret"> = {
  async realise(scope, node, { change, context }) {
    const value = await context.vault.secret(node.id);
    return didCreate(await writeNode(scope, scope.paths.volatile, node, { files: { value: `${value}\n` }, readers: "secret" }), change);
  },
  remove: (scope, node) => removeNode(scope.paths.volatile, node.id),
};
