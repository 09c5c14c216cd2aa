import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { nodeId, type StackNode, stackOf } from "../../../domain/stack/node.ts";
import { failure } from "../../../kernel/problem.ts";
import { addressOf, removeContainer, runContainer } from "../container/containers.ts";
import { configFolderOf, removeConfig, replaceFile } from "../container/files.ts";
import { ask, waitUntilReady } from "../container/ready.ts";
import type { ContainerShape } from "../container/wanted-container.ts";
import { dropOutward, goOutward, makeOutward } from "../network/egress/outward.ts";
import { PROXY_PORT, squidConfig } from "../network/egress/squid-config.ts";
import { closeNetworks } from "../network/firewall/close.ts";
import { BOUNDARY, ownNetwork } from "../observe/own-objects.ts";
import type { Scope } from "../scope.ts";
import type { DockerKind } from "./kind.ts";

export const SQUID_CONFIG = "/etc/ballast/squid.conf";

type Node = StackNode<"egress">;

export function egressShape({ spec: { memoryMiB, cpuShares, pidsLimit } }: Node): ContainerShape {
  return {
    command: [SQUID_CONFIG],
    memoryMiB,
    cpuShares,
    cpus: 1,
    pidsLimit,
    resolvesOutside: true,
    tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,size=8m" },
    restart: "on-failure",
    health: ["bash", "-c", `exec 3<>/dev/tcp/127.0.0.1/${PROXY_PORT}`],
  };
}

export const egress: DockerKind<"egress"> = {
  async realise(scope, node, { change, context }) {
    const image = await scope.image(node.spec.image, context.progress, context.signal);
    const folder = configFolderOf(scope, node.id);
    await mkdir(folder, { recursive: true, mode: 0o711 });
    const config = join(folder, "squid.conf");
    await replaceFile(config, squidConfig(node.spec, await subnetOf(scope, node)), false);
    await makeOutward(scope, node.id);
    // Before it stands there: what it may reach is bounded twice.
    await closeNetworks(scope, node);
    const did = await runContainer(
      scope,
      { node, imageId: image.imageId, ...egressShape(node), files: { [folder]: "/etc/ballast" }, tracked: [config], volumes: {} },
      { change, beforeStart: () => goOutward(scope, node.id) },
    );
    await waitUntilReady(scope, { node: node.id, seconds: 30, what: "its first answer", signal: context.signal }, async () => {
      const address = await addressOf(scope, node.id);
      return address !== undefined && (await ask(`http://${address}:${PROXY_PORT}/`)) !== undefined;
    });
    return { did, facts: { imageId: image.imageId, squid: image.packages["squid"] ?? "unknown" } };
  },
  async remove(scope, node) {
    await removeContainer(scope, node.id);
    await dropOutward(scope, node.id);
    await removeConfig(scope, node.id);
    await closeNetworks(scope);
  },
};

/** The addresses of those whom it serves: its environment's own network. */
async function subnetOf(scope: Scope, node: Node): Promise<string> {
  const subnet = (await ownNetwork(scope, nodeId(stackOf(node.id), BOUNDARY)))?.IPAM?.Config?.[0]?.Subnet;
  if (subnet === undefined) throw failure("BAL-E003", node.id, "stands in a network without a subnet");
  return subnet;
}
