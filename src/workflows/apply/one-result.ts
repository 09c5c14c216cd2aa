import type { StackId } from "../../domain/stack/node.ts";
import type { Problem } from "../../kernel/problem.ts";
import type { ConvergeResult } from "../converge/request.ts";

/** Stacks that are named of those that one thing stops. */
const MOST_NAMED = 10;
const WORST_FIRST: readonly ConvergeResult["state"][] = ["failed", "unknown", "refused", "held", "done"];

/**
 * A former name is come to twice: it gives up its processes before its heir begins, and what is left of it goes afterwards. For people it is one stack, with
 * one result. As long as the first waits, the second would only find the same parts again.
 */
export function oneResultPerStack(results: readonly ConvergeResult[]): readonly ConvergeResult[] {
  const byStack = new Map<StackId, ConvergeResult>();
  for (const result of results) {
    const before = byStack.get(result.stack);
    byStack.set(result.stack, before === undefined ? result : merged(before, result));
  }
  return [...byStack.values()];
}

function merged(first: ConvergeResult, second: ConvergeResult): ConvergeResult {
  const state = WORST_FIRST.find((one) => one === first.state || one === second.state) ?? second.state;
  const known = new Set(first.problems.map(({ code, at }) => `${code} ${at}`));
  return {
    stack: first.stack,
    state,
    changed: [...first.changed, ...second.changed],
    held: first.held.length > 0 ? first.held : second.held,
    kept: second.kept,
    problems: [...first.problems, ...second.problems.filter(({ code, at }) => !known.has(`${code} ${at}`))],
  };
}

/** What is wrong in all stacks together. What stops several of them for one reason is said once, with their names: it is one thing to see to. */
export function problemsOfAll(results: readonly ConvergeResult[]): readonly Problem[] {
  const told = results.flatMap(({ stack, problems }) => problems.map((problem) => ({ stack, problem })));
  const same = Map.groupBy(told, ({ problem: { code, at, message } }) => JSON.stringify([code, at, message]));
  return [...same.values()].flatMap((those) => {
    const [one] = those;
    if (one === undefined) return [];
    const stacks = [...new Set(those.map(({ stack }) => stack))];
    if (stacks.length === 1) return [one.problem];
    const names = stacks.slice(0, MOST_NAMED).join(", ");
    const more = stacks.length > MOST_NAMED ? ` and ${stacks.length - MOST_NAMED} more` : "";
    return [{ ...one.problem, message: `${one.problem.message} (${stacks.length} stacks: ${names}${more})` }];
  });
}
