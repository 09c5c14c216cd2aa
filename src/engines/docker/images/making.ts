import { failure, type ProblemError } from "../../../kernel/problem.ts";
import { type CommandRequest, type CommandResult, runCommand } from "../container/command.ts";
import { saysFull } from "../room.ts";
import type { ImageCode } from "./codes.ts";

export interface ImageProgress {
  readonly image: string;
  readonly stage: "waiting" | "packages" | "wheel" | "import" | "pull" | "build" | "ready";
  readonly line: string;
}

/** What every step of making one image needs. */
export interface Making {
  readonly image: string;
  readonly onProgress: (progress: ImageProgress) => void;
  readonly signal: AbortSignal | undefined;
}

interface ToolRequest {
  readonly stage: ImageProgress["stage"];
  readonly command: string;
  readonly args: readonly string[];
  readonly timeoutSeconds: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly ownMounts?: boolean;
  /** The code of a plain failure of this tool. */
  readonly code: ImageCode;
  readonly doing: string;
  /** The Debian package that brings the tool. */
  readonly packageName: string;
}

const SHOWN_LINES = 12;

export function problem(code: ImageCode, at: string, message: string, more: { hint?: string; cause?: unknown } = {}): ProblemError {
  return failure(code, at, message, more);
}

/** The last lines of a tool's own words, for the end of a message. */
export function lastLines(lines: readonly string[]): string {
  return lines.length === 0 ? "it said nothing" : `its last lines:\n${lines.slice(-SHOWN_LINES).join("\n")}`;
}

export function fullDisk(image: string, message: string): ProblemError {
  return problem("BAL-I007", image, message, {
    hint: "Free some space (ballast doctor shows how much is needed), then run the same command again.",
  });
}

function toolProblem(making: Making, tool: ToolRequest, result: CommandResult): ProblemError {
  if (result.end === "not-found") {
    return problem("BAL-I004", making.image, `${tool.doing} needs ${tool.command}, which is not installed`, {
      hint: `Install the package ${tool.packageName} (ballast doctor --install does it), or take the image from a registry.`,
    });
  }
  if (result.end === "timed-out") {
    return problem("BAL-I012", making.image, `${tool.doing} took longer than ${tool.timeoutSeconds} s; ${lastLines(result.tail)}`, {
      hint: "Check that the package mirror answers, then run the same command again: finished parts are kept.",
    });
  }
  if (result.end === "aborted") return problem("BAL-I012", making.image, `${tool.doing} was stopped`);
  if (saysFull(result.tail.join("\n"))) return fullDisk(making.image, `${tool.doing} filled the disk; ${lastLines(result.tail)}`);
  return problem(tool.code, making.image, `${tool.doing} failed (exit ${result.exitCode}); ${lastLines(result.tail)}`, {
    hint: "The cause is in the lines above; nothing half made was kept. Run the same command again once it is repaired.",
  });
}

/** Runs one tool for an image, hands its lines to the progress, and turns every bad end into a coded problem. */
export async function runTool(making: Making, tool: ToolRequest): Promise<CommandResult> {
  const request: CommandRequest = {
    command: tool.command,
    args: tool.args,
    timeoutSeconds: tool.timeoutSeconds,
    diesWithUs: true,
    ownMounts: tool.ownMounts ?? false,
    onLine: (line) => making.onProgress({ image: making.image, stage: tool.stage, line }),
    ...(tool.env === undefined ? {} : { env: tool.env }),
    ...(making.signal === undefined ? {} : { signal: making.signal }),
  };
  const result = await runCommand(request);
  if (result.end === "exited" && result.exitCode === 0) return result;
  throw toolProblem(making, tool, result);
}
