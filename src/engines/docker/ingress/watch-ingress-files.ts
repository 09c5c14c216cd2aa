import { watch } from "node:fs";
import type { Scope } from "../scope.ts";
import { makeConfigFolder } from "./ingress-config.ts";

/** What is being written lies beside its place for a moment; that it came into its place is told as well. */
const IN_THE_MAKING = /[.]making-/;

/**
 * Calls back when a file that the ingress reads comes, goes or is written, until the signal: one that is missing closes a tenant. What is missed, also after
 * the folder itself was taken away or where the kernel has no room for more watches, is found by the next look.
 */
export async function watchIngressFiles(scope: Pick<Scope, "paths">, changed: () => void, signal: AbortSignal): Promise<void> {
  try {
    const watcher = watch(await makeConfigFolder(scope), { persistent: false, signal }, (_, name) => {
      if (name === null || !IN_THE_MAKING.test(name)) changed();
    });
    watcher.on("error", () => watcher.close());
  } catch {
    // Looking finds it.
  }
}
