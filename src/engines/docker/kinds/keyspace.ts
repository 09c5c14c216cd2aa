import type { NodeId, StackNode } from "../../../domain/stack/node.ts";
import { failure } from "../../../kernel/problem.ts";
import { credentialOf } from "../container/credentials.ts";
import { removeNode, writeNode } from "../container/files.ts";
import { grantKeyspace, keyspaceFile, revokeKeyspace } from "../redis/redis-users.ts";
import { type DockerKind, didCreate } from "./kind.ts";

export const keyspace: DockerKind<"keyspace"> = {
  async realise(scope, node, { change, context }) {
    const redis = redisOf(node);
    const password = await credentialOf(node, context, "keyspace-password");
    await grantKeyspace(scope, { redis, node: node.id }, { spec: node.spec, password });
    return didCreate(
      await writeNode(scope, scope.paths.volatile, node, {
        files: {},
        readers: "secret",
        tracked: [keyspaceFile(scope, { redis, node: node.id })],
      }),
      change,
    );
  },
  async remove(scope, node) {
    await revokeKeyspace(scope, { redis: redisOf(node as StackNode<"keyspace">), node: node.id });
    await removeNode(scope.paths.volatile, node.id);
  },
};

function redisOf(node: Pick<StackNode<"keyspace">, "id" | "uses">): NodeId {
  const edge = node.uses.find((use) => use.as === "data");
  if (edge === undefined) throw failure("BAL-E003", node.id, "names no Redis");
  return edge.to;
}
