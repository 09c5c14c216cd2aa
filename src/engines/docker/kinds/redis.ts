import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { StackNode } from "../../../domain/stack/node.ts";
import { addressOf, removeContainer, runContainer } from "../container/containers.ts";
import { credentialOf } from "../container/credentials.ts";
import { configFolderOf, removeConfig, replaceFile } from "../container/files.ts";
import { waitUntilReady } from "../container/ready.ts";
import type { ContainerShape } from "../container/wanted-container.ts";
import { rejoin } from "../network/attach-servers.ts";
import { limitSources } from "../network/limit-sources.ts";
import { ACL_FILE, answers, REDIS_PORT, rewriteUsers } from "../redis/redis-users.ts";
import type { DockerKind } from "./kind.ts";

export function redisShape({ spec: { memoryMiB, cpuShares, pidsLimit } }: StackNode<"redis">): ContainerShape {
  return {
    command: ["/etc/ballast/redis.conf"],
    memoryMiB,
    cpuShares,
    cpus: 1,
    pidsLimit,
    tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,size=8m" },
    restart: "on-failure",
    // Without a password every command is refused: a refusal is an answer.
    health: ["sh", "-c", `redis-cli -p ${REDIS_PORT} ping 2>&1 | grep -q NOAUTH`],
  };
}

export const redis: DockerKind<"redis"> = {
  async realise(scope, node, { change, context }) {
    const image = await scope.image(node.spec.image, context.progress, context.signal);
    const password = await credentialOf(node, context, "redis-password");
    const folder = configFolderOf(scope, node.id);
    await mkdir(folder, { recursive: true, mode: 0o711 });
    await replaceFile(join(folder, "redis.conf"), redisConfig(node), false);
    await rewriteUsers(scope, node.id, password);
    const did = await runContainer(
      scope,
      {
        node,
        imageId: image.imageId,
        ...redisShape(node),
        files: { [folder]: "/etc/ballast" },
        tracked: [join(folder, "redis.conf")],
        volumes: {},
      },
      { change },
    );
    await waitUntilReady(scope, { node: node.id, seconds: 30, what: "an answer to PING", signal: context.signal }, async () => {
      const host = await addressOf(scope, node.id);
      return host !== undefined && (await answers(host, password));
    });
    // Before anybody else comes in; where it cannot be done, the next look at egress says so.
    await limitSources(scope, node);
    await rejoin(scope, node.id);
    return { did, facts: { imageId: image.imageId } };
  },
  async remove(scope, node) {
    await removeContainer(scope, node.id);
    await removeConfig(scope, node.id);
  },
};

/** A cache: nothing is written to disk, and what is oldest goes first when it is full. */
export function redisConfig({ spec }: StackNode<"redis">): string {
  return [
    "bind 0.0.0.0",
    "protected-mode no",
    `port ${REDIS_PORT}`,
    'save ""',
    "appendonly no",
    "dir /tmp",
    `maxmemory ${spec.cacheMiB}mb`,
    "maxmemory-policy allkeys-lru",
    "tcp-keepalive 10",
    "maxclients 1000",
    // What clients send and do not read yet lies in the same memory as what is cached; a session is far smaller.
    "proto-max-bulk-len 8mb",
    "client-query-buffer-limit 16mb",
    "maxmemory-clients 24mb",
    `aclfile /etc/ballast/${ACL_FILE}`,
    "",
  ].join("\n");
}
