import type { NodeId } from "../../domain/stack/node.ts";
import { bounded, MESSAGE } from "../../kernel/foreign-text.ts";
import { type Problem, ProblemError } from "../../kernel/problem.ts";

/**
 * Clears up after work that failed, and gives what is to be thrown: its error, and where clearing up failed too, what is left as well. A fault of which no code
 * is known stays what it is, with both in its words.
 * @param left what stays there then, and who removes it.
 */
export async function clearedUp(
  error: unknown,
  left: { readonly at: NodeId; readonly says: string },
  clear: () => Promise<unknown>,
): Promise<unknown> {
  try {
    await clear();
    return error;
  } catch (also) {
    const message = bounded(`${left.says}: ${also instanceof ProblemError ? (also.problems[0]?.message ?? "") : wordsOf(also)}`, MESSAGE);
    if (!(error instanceof ProblemError)) return new Error(`${wordsOf(error)}; ${message}`, { cause: error });
    const hint = "the next apply removes it before it recreates it";
    const problem: Problem = { code: "BAL-E095", severity: "error", at: left.at, message, hint };
    return new ProblemError([...error.problems, problem], { cause: error });
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
