import { failure } from "../../kernel/problem.ts";
import { refuseWhereDeleted } from "../deletion.ts";
import type { Services } from "../services.ts";
import { refuseWhereStopped } from "../stopped.ts";
import type { ConvergeRequest } from "./request.ts";

/** What the reconciler is about to put right ends by itself: a person waits for it instead of being refused. */
export const PATIENCE_SECONDS = 120;

/** Writes the operation and takes the lease; returns who else holds it, if somebody does. */
export async function begin(services: Services, request: ConvergeRequest): Promise<{ operation: string; since: number } | undefined> {
  const at = new Date(services.now());
  await services.store.addOperation({
    id: request.operation,
    verb: request.closing === "remove-all" ? "remove" : "converge",
    stack: request.stack,
    ...(request.root === request.operation ? {} : { parent: request.root }),
    actor: request.actor.name,
    request,
    at,
  });
  let lease = await services.store.takeLease(request.stack, request.operation, at);
  for (
    let waited = 0;
    waited < PATIENCE_SECONDS && request.actor.kind === "person" && (await isReconcilers(services, lease.operation));
    waited++
  ) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    lease = await services.store.takeLease(request.stack, request.operation, at);
  }
  if (lease.operation !== request.operation) return { operation: lease.operation, since: lease.since.getTime() };
  await refuseWhereDeleted(services, request.root);
  if (request.wanted !== "gone") await refuseWhereStopped(services, request);
  await refuseFormerRevision(services, request);
  return undefined;
}

/** What the reconciler began for a revision that is no longer in force would undo what was applied since. */
async function refuseFormerRevision(services: Services, { actor, operation, revision, stack, keeps }: ConvergeRequest): Promise<void> {
  if (actor.kind !== "reconciler") return;
  const inForce = await services.store.revisionInForce();
  if (inForce === undefined || inForce === revision) return;
  if (keeps === true && !(await services.compiled(inForce)).stacks.has(stack)) return;
  throw failure("BAL-W030", operation, "left: another revision was applied meanwhile");
}

async function isReconcilers({ store }: Services, operation: string): Promise<boolean> {
  return (await store.work()).some((one) => one.id === operation && one.begunBy === "reconciler");
}
