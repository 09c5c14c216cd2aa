import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { doorOf } from "../../../adapters/http/door.ts";
import { askPage } from "../../../adapters/http/page.ts";
import type { PageObservation } from "../../../domain/health/page.ts";
import { hostThatLeads } from "../../../domain/stack/entry.ts";
import type { Stack, StackNode } from "../../../domain/stack/node.ts";
import { spoiltCompanions, writtenDeclaration } from "../container/files.ts";
import { AUTHORITY_FILE } from "../kinds/authority.ts";
import { ingressInForce } from "../observe/own-objects.ts";
import type { Scope } from "../scope.ts";

/**
 * Asks a stack for a page under the host that leads there now, through its ingress; undefined where none does. What keeps it from asking is the answer too.
 * That host is the declared one unless its change waits: until then people come by the former.
 */
export async function pageOf(scope: Scope, stack: Stack, entry: StackNode<"ingress"> | undefined): Promise<PageObservation | undefined> {
  const route = stack.nodes.find((node) => node.kind === "route");
  if (route === undefined || entry === undefined) return undefined;
  try {
    const written = await writtenDeclaration(scope.paths.state, route.id);
    const host = hostThatLeads(route, written);
    if (host === undefined) return undefined;
    const authority = join(scope.paths.state, AUTHORITY_FILE);
    const own = await readFile(authority, "utf8");
    const page = await askPage(doorOf(await ingressInForce(scope, entry), own), host, { now: scope.now });
    // Judged by another authority than the fleet's, nothing is known of what browsers say. It may have been put back meanwhile.
    const isOurs = async () => !(await spoiltCompanions(scope)).includes(authority) && (await readFile(authority, "utf8")) === own;
    if (page.outcome !== "untrusted" || (await isOurs())) return page;
    return { ...page, outcome: "unasked", because: `${authority}, by which certificates are judged, is not what was written` };
  } catch (error) {
    return { at: scope.now(), outcome: "unasked", milliseconds: 0, because: (error as Error).message };
  }
}
