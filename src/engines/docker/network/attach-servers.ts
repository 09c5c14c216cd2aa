import { carriesTraffic } from "../../../domain/stack/edge.ts";
import { type Edge, type NodeId, type Stack, stackOf } from "../../../domain/stack/node.ts";
import { lookAtContainers } from "../container/containers.ts";
import { lookAtFiles } from "../container/files.ts";
import type { Scope } from "../scope.ts";
import { joinBoundary, lookAtNetworks } from "./networks.ts";

/** After a shared server was recreated: lets it into every boundary whose nodes open connections to it. */
export async function rejoin(scope: Scope, server: NodeId): Promise<void> {
  const [containers, files, networks] = await Promise.all([
    lookAtContainers(scope, undefined),
    lookAtFiles(scope, undefined),
    lookAtNetworks(scope, undefined),
  ]);
  const walls = new Set(networks.nodes.map((node) => stackOf(node.declared.id)));
  const stacks = new Set(
    [...containers.nodes, ...files.nodes]
      .filter((node) => node.declared.uses.some((edge) => edge.to === server && carriesTraffic(edge.as)))
      .map((node) => stackOf(node.declared.id))
      .filter((stack) => stack !== stackOf(server) && walls.has(stack)),
  );
  for (const stack of stacks) await joinBoundary(scope, server, stack);
}

/** Lets every node that this one opens connections to, and that lives elsewhere, into this one's boundary. */
export async function attachServersToNetwork(scope: Scope, node: { readonly id: NodeId; readonly uses: readonly Edge[] }): Promise<void> {
  const stack = stackOf(node.id);
  for (const edge of node.uses) {
    if (carriesTraffic(edge.as) && stackOf(edge.to) !== stack) await joinBoundary(scope, edge.to, stack);
  }
}

/** Lets in those servers of other stacks that already run; whoever is missing is asked for again by the node that needs it. */
export async function inviteEarly(scope: Scope, stack: Stack): Promise<void> {
  const wanted = stack.nodes.flatMap((node) => node.uses.filter((edge) => carriesTraffic(edge.as) && stackOf(edge.to) !== stack.id));
  const running = new Set((await lookAtContainers(scope, undefined)).nodes.map((node) => node.declared.id));
  const servers = [...new Set(wanted.map((edge) => edge.to))].filter((id) => running.has(id));
  for (const server of servers) await joinBoundary(scope, server, stack.id);
}
