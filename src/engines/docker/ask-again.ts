import { join } from "node:path";
import { replaceFile } from "./files.ts";
import { makeConfigFolder } from "./ingress-config.ts";
import type { Scope } from "./scope.ts";

const ASKED_FILE = "asked-again.yaml";

/**
 * Has the ingress ask once more for certificates that have not come: it does so whenever its configuration becomes another one, so it is given one
 * whose only difference is a middleware that nothing uses. No connection is cut for it.
 */
export async function askAgain(scope: Scope): Promise<void> {
  const unused = { [`asked-at-${scope.now()}`]: { headers: { customRequestHeaders: { "X-Ballast-Unused": "" } } } };
  await replaceFile(join(await makeConfigFolder(scope), ASKED_FILE), `${JSON.stringify({ http: { middlewares: unused } })}\n`, false);
}
