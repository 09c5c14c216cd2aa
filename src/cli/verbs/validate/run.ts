import { loadFleet } from "../../../domain/fleet/load.ts";
import { inOrderOfPlace } from "../../../kernel/in-order.ts";
import type { Problem } from "../../../kernel/problem.ts";
import { exitOf } from "../../exit.ts";
import { filesOf, todayOf } from "../../fleet/fleet.ts";
import { inspect } from "../../operations/first-plan.ts";
import { renderProblems, summariseProblems } from "../../render/problems.ts";
import type { Invocation, Outcome } from "../../terminal/outcome.ts";
import { counted } from "../../terminal/style.ts";

export async function validate(call: Invocation): Promise<Outcome<"validate">> {
  const { files } = await filesOf(call, call.words[0]);
  const checked = loadFleet(files, { today: todayOf(call.context) });
  const found = checked.ok ? inspect(checked.value, todayOf(call.context)) : { limits: [], findings: [] };
  const problems = inOrderOfPlace<Problem>([...(checked.ok ? checked.warnings : checked.problems), ...found.limits, ...found.findings]);
  const fleet = checked.ok ? { fleet: checked.value.fleet.name } : {};
  const sound = checked.ok ? `fleet ${checked.value.fleet.name}: no mistakes in ${counted(files.length, "file")}` : "";
  const text =
    problems.length === 0
      ? sound
      : `${renderProblems(problems, call.say.colours, call.say.columns)}\n${summariseProblems(problems, files.length)}`;
  return { exit: exitOf(problems), text, data: { files: files.length, ...fleet, problems, findings: [...found.findings] } };
}
