import { join } from "node:path";
import { replaceWatched } from "../container/files.ts";
import type { Scope } from "../scope.ts";
import { makeConfigFolder } from "./ingress-config.ts";

export const ASKED_FILE = "asked-again.yaml";

/**
 * Has the ingress ask once more for certificates that have not come: it does so whenever its configuration becomes another one, so it is given one
 * whose only difference is a middleware that nothing uses. No connection is cut for it.
 */
export async function askAgain(scope: Scope): Promise<void> {
  await replaceWatched(join(await makeConfigFolder(scope), ASKED_FILE), questionAt(scope.now()));
}

function questionAt(now: number): string {
  const unused = { [`asked-at-${now}`]: { headers: { customRequestHeaders: { "X-Ballast-Unused": "" } } } };
  return `${JSON.stringify({ http: { middlewares: unused } })}\n`;
}

/** Whether a text is what was written for such a question, and nothing else that the ingress would heed. */
export function isQuestion(text: string): boolean {
  const at = /"asked-at-(\d{1,16})"/.exec(text)?.[1];
  return at !== undefined && text === questionAt(Number(at));
}
