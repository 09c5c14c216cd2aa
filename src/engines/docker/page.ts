import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { doorOf } from "../../adapters/http/door.ts";
import { askPage } from "../../adapters/http/page.ts";
import type { PageObservation } from "../../domain/health/page.ts";
import type { Stack, StackNode } from "../../domain/stack/node.ts";
import { AUTHORITY_FILE } from "./kinds/authority.ts";
import type { Scope } from "./scope.ts";

/** Asks the first host of a stack for a page, through the ingress that leads there; undefined where none does. What keeps it from asking is the answer too. */
export async function pageOf(scope: Scope, stack: Stack, entry: StackNode<"ingress"> | undefined): Promise<PageObservation | undefined> {
  const host = stack.nodes.find((node) => node.kind === "route")?.spec.hosts[0];
  if (host === undefined || entry === undefined) return undefined;
  try {
    const own = await readFile(join(scope.paths.state, AUTHORITY_FILE), "utf8");
    return await askPage(doorOf(entry.spec, own), host, { now: scope.now });
  } catch (error) {
    return { at: scope.now(), outcome: "unasked", milliseconds: 0, because: (error as Error).message };
  }
}
