import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { renderConfig } from "../../../domain/odoo/config.ts";
import { KEY_ROUNDS, passwordHash } from "../../../domain/odoo/password.ts";
import { seriesFacts } from "../../../domain/odoo/series.ts";
import { type NodeId, type StackNode, specHash } from "../../../domain/stack/node.ts";
import { failure } from "../../../kernel/problem.ts";
import type { ApplyContext } from "../../engine.ts";
import { addressOf, removeContainer, runContainer } from "../containers.ts";
import { credentialOf } from "../credentials.ts";
import { replaceFile } from "../files.ts";
import { inviteServers } from "../guests.ts";
import { healthCommand } from "../health-command.ts";
import { networkAlias, objectName } from "../labels.ts";
import { ask, waitUntilReady } from "../ready.ts";
import type { Scope } from "../scope.ts";
import { POSTGRES_PORT, serverOf } from "../servers.ts";
import { DATA_FOLDER } from "./filestore.ts";
import type { DockerKind } from "./kind.ts";

type Node = StackNode<"odoo">;
export const ODOO_PORT = 8069;

export const odoo: DockerKind<"odoo"> = {
  async realise(scope, node, { change, context }) {
    const image = await scope.image(node.spec.image, context.progress, context.signal);
    const data = node.uses.find((edge) => edge.as === "mount");
    if (data === undefined) throw failure("BAL-E003", node.id, "names no filestore");
    const config = configFile(scope, node.id);
    const path = seriesFacts(node.spec.series)?.healthPath ?? "/web/login";
    await mkdir(dirname(config), { recursive: true, mode: 0o711 });
    await replaceFile(config, await configText(node, context), true);
    const did = await runContainer(
      scope,
      {
        node,
        imageId: image.imageId,
        command: ["server", "-c", "/etc/ballast/odoo.conf"],
        memoryMiB: node.spec.memoryMiB,
        cpuShares: node.spec.cpuShares,
        pidsLimit: node.spec.pidsLimit,
        files: { [config]: "/etc/ballast/odoo.conf" },
        volumes: { [objectName(scope.owner, data.to)]: DATA_FOLDER },
        tmpfs: { "/tmp": "rw,nosuid,nodev,size=256m" },
        restart: "on-failure",
        health: healthCommand(node.spec.series, ODOO_PORT),
      },
      { force: change.verb === "update", beforeStart: () => inviteServers(scope, node) },
    );
    await waitUntilReady(scope, { node: node.id, seconds: 120, what: `an answer on ${path}`, signal: context.signal }, async () => {
      const address = await addressOf(scope, node.id);
      return address !== undefined && (await ask(`http://${address}:${ODOO_PORT}${path}`)) === 200;
    });
    return { did, facts: { imageId: image.imageId, odoo: image.packages[seriesFacts(node.spec.series)?.packageName ?? ""] ?? "unknown" } };
  },
  async remove(scope, node) {
    await removeContainer(scope, node.id);
    await rm(configFile(scope, node.id), { force: true });
  },
};

function configFile(scope: Scope, id: NodeId): string {
  return join(scope.paths.volatile, "config", id, "odoo.conf");
}

async function configText(node: Node, context: ApplyContext): Promise<string> {
  const facts = seriesFacts(node.spec.series);
  if (facts === undefined) throw failure("BAL-E001", node.id, `Odoo ${node.spec.series} is not a series that can be run`);
  const master = await credentialOf(node, context, "master-password");
  return renderConfig({
    facts,
    databaseHost: networkAlias(serverOf(node)),
    databasePort: POSTGRES_PORT,
    databaseName: node.spec.database,
    databaseRole: node.spec.databaseRole,
    databasePassword: await credentialOf(node, context, "role-password"),
    // The salt follows from the node, so that the file is the same as long as nothing changes.
    masterPasswordHash: await passwordHash(master, Buffer.from(specHash(node), "utf8"), KEY_ROUNDS),
    workers: node.spec.workers,
    cronThreads: node.spec.cronThreads,
    connectionsPerProcess: node.spec.connectionsPerProcess,
    memoryMiB: node.spec.memoryMiB,
    logLevel: node.spec.logLevel,
  });
}
