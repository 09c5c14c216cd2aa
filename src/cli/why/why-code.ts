import { loadFleet } from "../../domain/fleet/load.ts";
import type { Why } from "../../domain/why/answer.ts";
import { findCode, isAbout, whyCode } from "../../domain/why/code.ts";
import { suggestion } from "../../kernel/distance.ts";
import { failure, type Problem, ProblemError } from "../../kernel/problem.ts";
import { filesOf, todayOf } from "../fleet/fleet.ts";
import { inspect } from "../operations/first-plan.ts";
import type { Invocation } from "../terminal/outcome.ts";
import type { Asked } from "./asked.ts";

const NONE_AT_HAND = new Set(["BAL-C003", "BAL-C041"]);

/** A code by its table, and every place where the fleet at hand meets it. Codes can be asked about without any fleet. */
export async function answerCode(call: Invocation, { subject, folder, address }: Asked): Promise<Why> {
  const tables = await call.context.ports.codeTables();
  const found = findCode(tables, subject);
  if (found === undefined) {
    const known = tables.flatMap((table) => table.codes.map((entry) => entry.code));
    throw failure("BAL-C017", subject, `there is no such code${suggestion(subject, known)}`, { hint: "docs/reference.md#codes lists all" });
  }
  const met = await problemsAtHand(call, folder);
  const here = met?.problems.filter((problem) => problem.code === subject && isAbout(problem, address)) ?? [];
  return whyCode(found, { met: here, address, fleet: met?.shown });
}

/** Everything that is wrong with the fleet at hand; undefined where none is named and none is here. */
async function problemsAtHand(
  call: Invocation,
  folder: string | undefined,
): Promise<{ readonly problems: readonly Problem[]; readonly shown: string } | undefined> {
  try {
    const { files, shown } = await filesOf(call, folder);
    const today = todayOf(call.context);
    const checked = loadFleet(files, { today });
    if (!checked.ok) return { problems: checked.problems, shown };
    const { limits, findings } = inspect(checked.value, today);
    return { problems: [...checked.warnings, ...limits, ...findings], shown };
  } catch (error) {
    // Nor where another user may have fleets: a code means the same there.
    if (folder === undefined && error instanceof ProblemError && NONE_AT_HAND.has(error.problems[0]?.code ?? "")) return undefined;
    throw error;
  }
}
