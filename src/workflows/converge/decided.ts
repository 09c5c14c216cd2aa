import { nodeId } from "../../domain/stack/node.ts";
import type { Problem } from "../../kernel/problem.ts";
import { refuseWhereDeleted } from "../deletion.ts";
import type { InFlight } from "../in-flight.ts";
import type { Services } from "../services.ts";
import { runStep } from "../step.ts";
import { refuseWhereStopped } from "../stopped.ts";
import type { ConvergeRequest } from "./request.ts";

/** Under which the carrying out of a decision is known while it is under way: it may be about any node of its stack. */
const DECISION = "decided";

/**
 * Gives up what is lost in a stack, and adopts what stands in its place, where that was asked for by name: the first act of its operation, under its lease and
 * as a change that is under way, so that no repair acts on the same nodes beside it. Returns why it could not be done.
 */
export async function carryOutDecided(
  { services, inFlight }: { readonly services: Services; readonly inFlight: InFlight },
  request: ConvergeRequest,
): Promise<readonly Problem[]> {
  const { root, operation, stack, revision, actor, decided } = request;
  if (decided === undefined) return [];
  const done = await runStep(services, { name: `decided ${stack}`, timeoutSeconds: 120 }, async (signal) => {
    await inFlight.run({ root, operation, node: nodeId(stack, DECISION), signal }, async () => {
      await refuseWhereDeleted(services, root);
      await refuseWhereStopped(services, request);
      const stacks = (wanted: boolean) => (wanted ? [stack] : undefined);
      await services.decided({
        operation: root,
        revision,
        actor: actor.name,
        recreate: stacks(decided.recreate),
        adopt: stacks(decided.adopt),
      });
    });
  });
  return done.ok ? [] : done.problems;
}
