import type { PlannedStack } from "../../api/contract/contract.ts";
import type { ConvergeResultShape } from "../../api/contract/results.ts";
import { counted } from "../terminal/style.ts";

/** What of a fleet is done, and what waits for its window. */
export interface Counts {
  readonly changes: number;
  readonly held: number;
}

interface Parts {
  readonly acting: number;
  readonly held: number;
}

/** One way to count, so that a plan and what applying it says are the same numbers. */
function countParts(stacks: readonly Parts[]): Counts {
  const sum = (of: keyof Parts) => stacks.reduce((all, stack) => all + stack[of], 0);
  return { changes: sum("acting"), held: sum("held") };
}

/** What applying it now would change, and hold. */
export function countsOfPlan(stacks: readonly Pick<PlannedStack, "changes">[]): Counts {
  return countParts(
    stacks.map(({ changes }) => {
      const acting = changes.filter((change) => change.verb !== "keep");
      const held = acting.filter((change) => change.held !== undefined).length;
      return { acting: acting.length - held, held };
    }),
  );
}

/** What was changed, and is held. */
export function countsOfResult(stacks: readonly Pick<ConvergeResultShape, "changed" | "held">[]): Counts {
  return countParts(stacks.map(({ changed, held }) => ({ acting: changed.length, held: held.length })));
}

/** `4 changes made, 2 parts held`. */
export function countWords({ changes, held }: Counts, done: string): string {
  return [`${counted(changes, "change")}${done}`, ...(held === 0 ? [] : [`${counted(held, "part")} held`])].join(", ");
}
