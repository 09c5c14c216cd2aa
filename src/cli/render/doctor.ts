import type { DoctorFinding } from "../port.ts";
import { type Colours, padded } from "../terminal/style.ts";
import { oneLine } from "../terminal/terminal.ts";

/** One line a finding, what to do about it below. */
export function renderFindings(findings: readonly DoctorFinding[], colours: Colours): string {
  const width = Math.max(0, ...findings.map((finding) => finding.id.length));
  return findings.flatMap((finding) => linesOf(finding, width, colours)).join("\n");
}

function linesOf(finding: DoctorFinding, width: number, colours: Colours): readonly string[] {
  const marks = { ok: colours.green("✔"), missing: colours.red("✘"), refused: colours.red("✘"), warning: colours.yellow("!") };
  const line = `${marks[finding.state]} ${padded(finding.id, width)}  ${finding.state === "ok" ? "" : `${finding.state}: `}${oneLine(finding.text)}`;
  return finding.remedy === undefined ? [line] : [line, `  ${" ".repeat(width)}  ${colours.dim(`→ ${oneLine(finding.remedy)}`)}`];
}
