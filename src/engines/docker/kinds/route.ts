import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { doorOf } from "../../../adapters/http/door.ts";
import { requestThrough } from "../../../adapters/http/through.ts";
import { seriesFacts } from "../../../domain/odoo/series.ts";
import { nodeId, stackOf } from "../../../domain/stack/node.ts";
import { failure } from "../../../kernel/problem.ts";
import { removeNode, writeNode } from "../container/files.ts";
import { waitUntilReady } from "../container/ready.ts";
import { configName, makeConfigFolder } from "../ingress/ingress-config.ts";
import { routeConfig } from "../ingress/route-config.ts";
import { attachServersToNetwork } from "../network/attach-servers.ts";
import { networkAlias } from "../observe/labels.ts";
import { ingressInForce } from "../observe/own-objects.ts";
import { AUTHORITY_FILE } from "./authority.ts";
import { type DockerKind, didCreate } from "./kind.ts";

export const route: DockerKind<"route"> = {
  async realise(scope, node, { change, context }) {
    const entry = node.uses.find((edge) => edge.as === "http" && stackOf(edge.to) !== stackOf(node.id));
    if (entry === undefined) throw failure("BAL-E003", node.id, "leads from nowhere");
    await attachServersToNetwork(scope, node);
    const config = routeConfig(node.id, node.spec, (name) => networkAlias(nodeId(stackOf(node.id), name)));
    const path = join(await makeConfigFolder(scope), configName(node.id));
    const wrote = await writeNode(scope, scope.paths.state, node, {
      files: {},
      readers: "public",
      companion: { path, content: `${JSON.stringify(config)}\n` },
    });
    const ingress = context.find(entry.to);
    const odoo = context.find(nodeId(stackOf(node.id), node.spec.node));
    const asked = (odoo?.kind === "odoo" ? seriesFacts(odoo.spec.series)?.healthPath : undefined) ?? "/web/login";
    if (ingress?.kind === "ingress") {
      const door = doorOf(await ingressInForce(scope, ingress), await readFile(join(scope.paths.state, AUTHORITY_FILE), "utf8"));
      const what = `an answer for ${node.spec.hosts[0]} through the ingress`;
      await waitUntilReady(scope, { node: entry.to, seconds: 20, what, signal: context.signal }, async () => {
        const answer = await requestThrough(door, { host: node.spec.hosts[0] as string, path: asked, seconds: 5 });
        return (answer.status !== 404 && answer.status < 500) || `the answer is ${answer.status}`;
      });
    }
    return didCreate(wrote, change);
  },
  remove: (scope, node) => removeNode(scope.paths.state, node.id),
};
