import { failure, ProblemError } from "../../kernel/problem.ts";
import type { DoctorFinding, MachineNeeds } from "../port.ts";
import { renderFindings } from "../render/doctor.ts";
import { agree } from "../terminal/ask.ts";
import type { Invocation } from "../terminal/outcome.ts";

type Call = Pick<Invocation, "context" | "say">;

export function isWell(findings: readonly DoctorFinding[]): boolean {
  return findings.every((finding) => finding.state === "ok" || finding.state === "warning");
}

/** Has the machine ready: installs what may be installed once that was agreed to, and refuses with the remedies where that is not enough. */
export async function prepareMachine(call: Call, needs: MachineNeeds, yes: boolean): Promise<readonly DoctorFinding[]> {
  const { context, say } = call;
  const machine = await context.ports.machine();
  const findings = await machine.examine(needs);
  if (isWell(findings)) return findings;
  const amiss = findings.filter((finding) => finding.state === "missing" || finding.state === "refused");
  if (!amiss.every((finding) => finding.installable === true)) throw lacks(amiss);
  if (!say.json) say.note(renderFindings(amiss, say.progressColours));
  const steps = amiss.map((finding) => finding.id);
  if (!(await agree(context, `Install what is missing (${steps.join(", ")})?`, yes)))
    throw failure("BAL-C011", "machine", "nothing was installed, and the fleet cannot run without it");
  await machine.install(steps, (line) => say.note(`  ${line}`));
  const after = await machine.examine(needs);
  if (!isWell(after)) throw lacks(after.filter((finding) => finding.state !== "ok" && finding.state !== "warning"));
  return after;
}

function lacks(findings: readonly DoctorFinding[]): ProblemError {
  return new ProblemError(
    findings.map((finding) => ({
      code: "BAL-C011",
      severity: "error",
      at: finding.id,
      message: finding.text,
      ...(finding.remedy === undefined ? {} : { hint: finding.remedy }),
    })),
  );
}
