import { failure, type ProblemError } from "../../kernel/problem.ts";
import type { CliContext } from "../port.ts";
import { oneLine } from "./terminal.ts";

/** Whether somebody sits in front of it: questions go to stderr, so that one is what counts. */
export function canAsk({ stdin, stderr }: CliContext): boolean {
  return stdin.isTTY === true && stderr.isTTY === true;
}

/** A harmless question. `--yes` answers it; where nobody can be asked, its absence is wrong usage. */
export async function agree(context: CliContext, question: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (!canAsk(context)) throw failure("BAL-C002", "ballast", `nobody can be asked here: ${question}`, { hint: "--yes answers with yes" });
  const { confirm, isCancel } = await import("@clack/prompts");
  const answer = await confirm({ message: oneLine(question), output: context.stderr });
  if (isCancel(answer)) throw interrupted();
  return answer;
}

/** Wants a name typed, or `--confirm NAME`; `--yes` never stands for it. */
export async function typeName(
  context: CliContext,
  wanted: string,
  given: string | undefined,
  what = "to delete it for good",
): Promise<string> {
  if (given === undefined && !canAsk(context))
    throw failure("BAL-C002", wanted, "no terminal to type the name at", { hint: `--confirm ${wanted}` });
  const typed = given ?? (await ask(context, `Type the name ${wanted} ${what}`));
  if (typed !== wanted)
    throw failure("BAL-C012", wanted, `"${typed}" is not its name; nothing was changed`, { hint: `--confirm ${wanted}` });
  return typed;
}

/** The answer to a question, with something to start from; that itself where nobody can be asked. */
export async function answerOr(context: CliContext, message: string, fallback: string): Promise<string> {
  if (!canAsk(context)) return fallback;
  const { isCancel, text } = await import("@clack/prompts");
  const answer = await text({ message: oneLine(message), initialValue: fallback, output: context.stderr });
  if (isCancel(answer)) throw interrupted();
  return answer.trim();
}

async function ask(context: CliContext, message: string): Promise<string> {
  const { isCancel, text } = await import("@clack/prompts");
  const answer = await text({ message: oneLine(message), output: context.stderr });
  if (isCancel(answer)) throw interrupted();
  return answer;
}

function interrupted(): ProblemError {
  return failure("BAL-C014", "ballast", "interrupted; nothing was changed");
}
