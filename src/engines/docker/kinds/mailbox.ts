import { once } from "node:events";
import { connect } from "node:net";
import type { StackNode } from "../../../domain/stack/node.ts";
import { addressOf, removeContainer, runContainer } from "../container/containers.ts";
import { waitUntilReady } from "../container/ready.ts";
import type { ContainerShape } from "../container/wanted-container.ts";
import type { DockerKind } from "./kind.ts";

const SMTP_PORT = 1025;

/** True when a mail server says its 220. */
async function greets(host: string): Promise<boolean> {
  const socket = connect({ host, port: SMTP_PORT });
  try {
    const [first] = (await once(socket, "data", { signal: AbortSignal.timeout(3000) })) as [Buffer];
    return first.toString().startsWith("220 ");
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

export function mailboxShape({ spec: { memoryMiB, cpuShares, pidsLimit } }: StackNode<"mailbox">): ContainerShape {
  return {
    command: [],
    memoryMiB,
    cpuShares,
    cpus: 0.5,
    pidsLimit,
    tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,size=8m", "/var/mail/ballast": "rw,noexec,nosuid,nodev,size=64m,uid=10001,gid=10001" },
    restart: "on-failure",
    health: ["python3", "-c", `import smtplib as s; s.SMTP("127.0.0.1", ${SMTP_PORT}, timeout=8).noop()`],
  };
}

export const mailbox: DockerKind<"mailbox"> = {
  async realise(scope, node, { change, context }) {
    const image = await scope.image(node.spec.image, context.progress, context.signal);
    const did = await runContainer(
      scope,
      {
        node,
        imageId: image.imageId,
        ...mailboxShape(node),
        files: {},
        volumes: {},
      },
      { change },
    );
    await waitUntilReady(scope, { node: node.id, seconds: 30, what: "its greeting", signal: context.signal }, async () => {
      const host = await addressOf(scope, node.id);
      return host !== undefined && (await greets(host));
    });
    return { did, facts: { imageId: image.imageId } };
  },
  remove: (scope, node) => removeContainer(scope, node.id),
};
