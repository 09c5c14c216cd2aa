import type { StackStatus } from "../../api/contract/contract.ts";
import type { Stack, StackId } from "../../domain/stack/node.ts";
import type { Observation } from "../../domain/stack/observation.ts";
import type { LookingEngine } from "../../engines/survey.ts";
import { isServing, lookAtFormer, stoppedIn } from "../../workflows/converge/former.ts";
import type { Revision } from "./revisions.ts";

/** Until when something that is to be closed serves: `; it serves until Sat 02:00 CET (outside maintenance …)`. Empty where nothing of it serves. */
export async function servesUntil(
  revision: Revision | undefined,
  { stack, now }: { readonly stack: StackId; readonly now: number },
  seen: Pick<Observation, "nodes">,
): Promise<string> {
  if (revision === undefined || !isServing(seen)) return "";
  const { protectedByCalendar, window } = await revision.snapshot(stack, now);
  const stopped = stoppedIn(seen);
  const does = stopped.length === 0 ? "it serves" : `it is to serve, and ${stopped.join(" and ")} stopped,`;
  if (!protectedByCalendar || window === undefined || window.admitsDisruption) return `; ${does} until it is closed, which may be now`;
  const until = window.nextOpenText === undefined ? "somebody closes it by --now" : window.nextOpenText;
  return `; ${does} until ${until} (${window.because.join("; ")})`;
}

/** What of a declared stack is there and no longer part of it: of a suspended one, what still serves. */
export function besides({ nodes }: Stack, seen: Observation): Pick<Observation, "nodes"> {
  const wanted = new Set(nodes.map((node) => node.id));
  return { nodes: new Map([...seen.nodes].filter(([id]) => !wanted.has(id))) };
}

/** Why nobody declares a stack by its name any more. */
export function whyUndeclared(revision: Revision | undefined, stack: StackId): string {
  const heir = [...(revision?.formerly ?? [])].find(([, former]) => former === stack)?.[0];
  return heir === undefined ? "no longer declared" : `renamed to ${heir}, which takes over its data`;
}

/** A stack that is not begun because its former name still serves is not broken: it waits. */
export async function withFormer(
  engine: LookingEngine,
  revision: Revision | undefined,
  { status, now }: { readonly status: StackStatus; readonly now: number },
): Promise<StackStatus> {
  if (revision === undefined || status.state !== "down" || !revision.formerly.has(status.stack)) return status;
  const former = await lookAtFormer(engine, revision, { stack: status.stack, now });
  if (former === undefined) return status;
  const because = `not begun: it takes over the data of ${former.stack}, and ${former.because}`;
  if (former.state === "unknown") return { ...status, state: "unknown", because: [because] };
  return { ...status, state: "suspended", because: [because], waitsFor: former.stack };
}
