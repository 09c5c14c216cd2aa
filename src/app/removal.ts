import { stackOf } from "../domain/stack/node.ts";
import type { ObservedNode, Seen } from "../domain/stack/observation.ts";
import type { Engine } from "../engines/engine.ts";
import { survey } from "../engines/survey.ts";
import { failure } from "../kernel/problem.ts";
import type { Revision } from "./revisions.ts";

/** The other stacks of which something that is there stands on this one. */
async function usersOf(engine: Engine, all: readonly string[], stack: string): Promise<readonly string[]> {
  const others = all.filter((id) => id !== stack);
  const seen = await survey(
    engine,
    others.map((id) => ({ id, role: "environment", nodes: [] })),
  );
  return seen.filter(({ nodes }) => [...nodes.values()].some((sight) => standsOn(sight, stack))).map((one) => one.stack);
}

function standsOn(sight: Seen<ObservedNode>, stack: string): boolean {
  return sight.state === "present" && sight.value.declared.uses.some((edge) => stackOf(edge.to) === stack);
}

/** One stack alone is deleted only when nobody declares it: else the next apply would make it again, empty. */
export async function assertUndeclared(engine: Engine, revision: Revision | undefined, stack: string): Promise<void> {
  if (revision?.stacks.has(stack) === true) {
    throw failure("BAL-A006", stack, "is declared; what is declared is not deleted alone", {
      hint: "take it out of the fleet and apply; its data is kept until you delete it by name",
    });
  }
  const all = await engine.stacks();
  if (!all.includes(stack)) throw failure("BAL-A004", stack, "nothing of it is here");
  const users = await usersOf(engine, all, stack);
  if (users.length === 0) return;
  throw failure("BAL-A006", stack, `data of ${users.join(", ")} stands on it`, { hint: "delete those first, each by its name" });
}
