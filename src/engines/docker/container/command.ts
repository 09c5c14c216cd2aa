import { spawn } from "node:child_process";
import { type Bound, bounded } from "../../../kernel/foreign-text.ts";

const TAIL_LINES = 40;
const SHOWN: Bound = { characters: 2000 };
const STDOUT_LIMIT = 4 * 1024 * 1024;
const GRACE_MILLISECONDS = 10_000;

export interface CommandRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly timeoutSeconds: number;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** The kernel sends SIGTERM to the command when this process dies, however it dies. */
  readonly diesWithUs?: boolean;
  /** Root only: what the command mounts is seen by nobody else, and is gone with its last process. */
  /** An open file that it reads as its input. */
  readonly input?: number;
  /** Where it starts; it is entered before the user is changed. */
  readonly folder?: string;
  /** User and group. */
  readonly runsAs?: number;
  readonly ownMounts?: boolean;
}

export type CommandEnd = "exited" | "not-found" | "not-started" | "timed-out" | "aborted";

export interface CommandResult {
  readonly end: CommandEnd;
  /** Only where `end` is `exited`; a death by signal counts as 128. */
  readonly exitCode: number;
  readonly stdout: string;
  /** The last lines of both streams, in the order they came. */
  readonly tail: readonly string[];
}

/** Splits a stream into lines; a carriage return of a progress bar ends a line too. */
function lineReader(onLine: (line: string) => void): { push(chunk: string): void; end(): void } {
  let rest = "";
  function emit(line: string): void {
    if (line.trim() !== "") onLine(bounded(line.trimEnd(), SHOWN));
  }
  return {
    push(chunk) {
      const lines = (rest + chunk).split(/[\r\n]+/);
      // Of a line without an end no more is held than is shown.
      rest = (lines.pop() ?? "").slice(0, 2 * SHOWN.characters);
      for (const line of lines) emit(line);
    },
    end() {
      emit(rest);
      rest = "";
    },
  };
}

/** The command with the wrappers that its desired states need; each replaces itself by what comes after it. */
function wrapped(request: CommandRequest): [string, string[]] {
  const [command = "", ...args] = [
    ...(request.ownMounts ? ["unshare", "--mount", "--"] : []),
    ...(request.diesWithUs ? ["setpriv", "--pdeathsig", "TERM"] : []),
    request.command,
    ...request.args,
  ];
  return [command, args];
}

/** Runs a program in a process group of its own and always ends: by exit, time-out or abort (TERM first, KILL after ten seconds). Never rejects. */
export function runCommand(request: CommandRequest): Promise<CommandResult> {
  const [command, args] = wrapped(request);
  return new Promise((resolve) => {
    const tail: string[] = [];
    let stdout = "";
    let stopped: "timed-out" | "aborted" | undefined;
    let killer: NodeJS.Timeout | undefined;
    const child = spawn(command, args, {
      stdio: [request.input ?? "ignore", "pipe", "pipe"],
      ...(request.folder === undefined ? {} : { cwd: request.folder }),
      ...(request.runsAs === undefined ? {} : { uid: request.runsAs, gid: request.runsAs }),
      detached: true,
      env: { ...process.env, LC_ALL: "C.UTF-8", ...request.env },
    });

    function keep(line: string): void {
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      request.onLine?.(line);
    }
    function signalGroup(name: NodeJS.Signals): void {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, name);
      } catch {
        // The group is gone already.
      }
    }
    function stop(why: "timed-out" | "aborted"): void {
      if (stopped !== undefined) return;
      stopped = why;
      signalGroup("SIGTERM");
      killer = setTimeout(() => signalGroup("SIGKILL"), GRACE_MILLISECONDS);
    }
    const onAbort = (): void => stop("aborted");
    const timer = setTimeout(() => stop("timed-out"), request.timeoutSeconds * 1000);
    function finish(end: CommandEnd, exitCode: number): void {
      clearTimeout(timer);
      clearTimeout(killer);
      request.signal?.removeEventListener("abort", onAbort);
      resolve({ end: stopped ?? end, exitCode, stdout, tail });
    }

    const out = lineReader(keep);
    const err = lineReader(keep);
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk.slice(0, Math.max(0, STDOUT_LIMIT - stdout.length));
      out.push(chunk);
    });
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => err.push(chunk));
    child.once("error", (error: NodeJS.ErrnoException) => {
      keep(error.message);
      finish(error.code === "ENOENT" ? "not-found" : "not-started", 127);
    });
    child.once("close", (code) => {
      out.end();
      err.end();
      finish(code === 127 ? "not-found" : "exited", code ?? 128);
    });
    if (request.signal?.aborted) onAbort();
    else request.signal?.addEventListener("abort", onAbort);
  });
}
