import { nodeId, stackOf } from "../../../domain/stack/node.ts";
import { addressOf } from "../container/containers.ts";
import { removeNode, writeNode } from "../container/files.ts";
import { setPassword } from "../postgres/superuser.ts";
import { type DockerKind, didCreate } from "./kind.ts";

export const secret: DockerKind<"secret"> = {
  async realise(scope, node, { change, context }) {
    const value = await context.vault.secret(node.id);
    // Nobody but Ballast knows this one: the server is told while it runs, before the file says so, and nobody is closed out.
    const server = nodeId(stackOf(node.id), "postgres");
    const rotated = node.spec.purpose === "superuser-password" && change.verb === "update";
    if (rotated && (await addressOf(scope, server)) !== undefined) await setPassword(scope, server, value);
    return didCreate(await writeNode(scope, scope.paths.volatile, node, { files: { value: `${value}\n` }, readers: "secret" }), change);
  },
  remove: (scope, node) => removeNode(scope.paths.volatile, node.id),
};
