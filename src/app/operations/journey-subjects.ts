import type { StackId } from "../../domain/stack/node.ts";
import { suggestion } from "../../kernel/distance.ts";
import { failure } from "../../kernel/problem.ts";
import type { Revision } from "../revisions/revisions.ts";

/** Refuses a journey on what is no environment of the revision in force, or lets nobody in. */
export function assertJourneySubject(inForce: Pick<Revision, "stacks"> | undefined, stack: StackId): void {
  if (inForce === undefined) return;
  const found = inForce.stacks.get(stack);
  if (found?.role !== "environment") {
    const environments = [...inForce.stacks.values()].filter(({ role }) => role === "environment").map(({ id }) => id);
    const hint = `one of: ${environments.slice(0, 30).join(" ")}`;
    throw failure("BAL-A004", stack, `no environment has this address${suggestion(stack, environments)}`, { hint });
  }
  if (found.suspended !== true) return;
  throw failure("BAL-A061", stack, "is suspended: nobody gets in, so there is nothing for a journey to run on", {
    hint: "take suspended out of its environment and apply",
  });
}
