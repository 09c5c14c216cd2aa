import type { Readable } from "node:stream";
import { foreignLines } from "../../../kernel/foreign-lines.ts";
import { engineCall } from "../call.ts";
import type { Ownership, Scope } from "../scope.ts";
import { isOwnName } from "./labels.ts";

/** Everything that can make what is there otherwise; health checks, which tell of themselves twice a minute, do not. */
const TELLING = ["create", "start", "die", "stop", "kill", "oom", "pause", "unpause", "rename", "update", "destroy", "remove"];
/** An event carries all labels of its object, the declaration of a node among them. */
const LINE_BYTES = 1024 * 1024;
const NETWORK = ["connect", "disconnect"];

/** Calls back for each event of the Docker Engine that concerns something of ours, or something that came behind one of our walls. */
export async function watchEvents(scope: Scope, changed: () => void, signal: AbortSignal): Promise<void> {
  const filters = JSON.stringify({ type: ["container", "network", "volume"], event: [...TELLING, ...NETWORK] });
  const stream = (await engineCall("events", () => scope.docker.getEvents({ filters, abortSignal: signal } as object))) as Readable;
  try {
    for await (const line of foreignLines(stream, { lineBytes: LINE_BYTES })) if (concernsUs(line, scope.owner)) changed();
  } catch {
    // A stream that broke has ended; whoever watches begins again.
  }
}

function concernsUs(line: string, owner: Ownership): boolean {
  try {
    const event = JSON.parse(line) as { Actor?: { ID?: string; Attributes?: Record<string, string> } };
    return [event.Actor?.ID, event.Actor?.Attributes?.["name"]].some((name) => name !== undefined && isOwnName(owner, name));
  } catch {
    return false;
  }
}
