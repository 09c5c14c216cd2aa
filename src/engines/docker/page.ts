import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { doorOf } from "../../adapters/http/door.ts";
import { askPage } from "../../adapters/http/page.ts";
import type { PageObservation } from "../../domain/health/page.ts";
import type { Stack, StackNode } from "../../domain/stack/node.ts";
import { spoiltCompanions } from "./files.ts";
import { AUTHORITY_FILE } from "./kinds/authority.ts";
import type { Scope } from "./scope.ts";

/** Asks the first host of a stack for a page, through the ingress that leads there; undefined where none does. What keeps it from asking is the answer too. */
export async function pageOf(scope: Scope, stack: Stack, entry: StackNode<"ingress"> | undefined): Promise<PageObservation | undefined> {
  const host = stack.nodes.find((node) => node.kind === "route")?.spec.hosts[0];
  if (host === undefined || entry === undefined) return undefined;
  try {
    const authority = join(scope.paths.state, AUTHORITY_FILE);
    const own = await readFile(authority, "utf8");
    const page = await askPage(doorOf(entry.spec, own), host, { now: scope.now });
    // Judged by another authority than the fleet's, nothing is known of what browsers say. It may have been put back meanwhile.
    const isOurs = async () => !(await spoiltCompanions(scope)).includes(authority) && (await readFile(authority, "utf8")) === own;
    if (page.outcome !== "untrusted" || (await isOurs())) return page;
    return { ...page, outcome: "unasked", because: `${authority}, by which certificates are judged, is not what was written` };
  } catch (error) {
    return { at: scope.now(), outcome: "unasked", milliseconds: 0, because: (error as Error).message };
  }
}
