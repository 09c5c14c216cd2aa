import type { Command } from "commander";
import type { Problem } from "../../kernel/problem.ts";
import { EXIT, exitOf } from "../exit.ts";
import { remediesFor } from "../fleet/fleet-in-remedies.ts";
import type { CliContext } from "../port.ts";
import type { VerbName } from "../terminal/json.ts";
import type { Action, CommonOptions, Say } from "../terminal/outcome.ts";
import { CLI_SCHEMA } from "../terminal/schema-version.ts";
import { print, printJson } from "../terminal/terminal.ts";

export interface Performance<O extends object, V extends VerbName> {
  readonly verb: V;
  /** Loaded only when the command is really run, so that help stays quick. */
  readonly load: () => Promise<Action<O, V>>;
  /** Whether `--json` speaks in lines, as long work does, or in one document. */
  readonly inLines?: (options: O) => boolean;
}

/** Turns an action into what commander calls: runs it, prints its outcome once, and sets how the process ends. */
export function performs<O extends object, V extends VerbName>(context: CliContext, performance: Performance<O, V>) {
  return async (...received: unknown[]): Promise<void> => {
    const command = received.at(-1) as Command;
    const options = command.opts<O & CommonOptions>();
    const inLines = performance.inLines?.(options) ?? false;
    const write = (value: object) => printJson(context.stdout, value);
    if (options.json === true && inLines) write({ line: "begin", schema: CLI_SCHEMA, command: performance.verb });
    const head = inLines ? { line: "end" } : { schema: CLI_SCHEMA, command: performance.verb };
    let say: Say | undefined;
    try {
      say = await speech(context, options, inLines);
      const action = await performance.load();
      const outcome = await action({ context, words: command.args, options, say });
      if (options.json === true) write({ ...head, exit: outcome.exit, ...outcome.data });
      else if (outcome.text !== "") print(context.stdout, `${outcome.text}\n`);
      context.end(outcome.exit);
    } catch (error) {
      const problems = await toldOf(say, problemsOf(error, context));
      const exit = exitOf(problems) || EXIT.no;
      if (options.json === true) write({ ...head, exit, problems });
      else await complain(context, problems, options.plain === true);
      context.end(exit);
    }
  };
}

async function toldOf(say: Say | undefined, problems: readonly Problem[]): Promise<readonly Problem[]> {
  return remediesFor(await say?.fleet?.(), problems);
}

async function speech(context: CliContext, options: CommonOptions, inLines: boolean): Promise<Say> {
  const { coloursFor } = await import("../terminal/style.ts");
  const json = options.json === true;
  const plain = options.plain === true;
  return {
    json,
    plain,
    colours: coloursFor(context.env, context.stdout, plain),
    progressColours: coloursFor(context.env, context.stderr, plain),
    aligned: context.stdout.isTTY === true,
    ...columnsOf(context.stdout),
    note: (line) => print(context.stderr, `${line}\n`),
    line(text, data) {
      if (!json) print(context.stdout, `${text}\n`);
      else if (inLines) printJson(context.stdout, data);
    },
  };
}

function columnsOf({ isTTY, columns }: CliContext["stdout"]): Pick<Say, "columns"> {
  return isTTY === true && columns !== undefined && columns > 0 ? { columns } : {};
}

/** What the system says of a path that cannot be what somebody named it for, and no fault of the program. */
const OF_THE_PATH: Readonly<Record<string, string>> = {
  ELOOP: "it is a link that leads to itself",
  ENAMETOOLONG: "its name is longer than the system allows",
  ENOTDIR: "a part of it is no folder",
  EISDIR: "it is a folder",
  EEXIST: "something is there already",
  ENOSPC: "the disk is full",
  EROFS: "it is on a disk that cannot be written to",
};

/** What the system refused at a path; undefined of anything else. */
function problemOfPath({ code = "", path, message }: NodeJS.ErrnoException): Problem | undefined {
  if (code === "EACCES" || code === "EPERM") {
    const hint = "do it as a user who may, such as by sudo, or name another folder";
    return { code: "BAL-C047", severity: "error", at: path ?? "ballast", message: `this user may not do it: ${message}`, hint };
  }
  const because = OF_THE_PATH[code];
  if (because === undefined || path === undefined) return undefined;
  return { code: "BAL-C049", severity: "error", at: path, message: `cannot be used: ${because}`, hint: "name another path" };
}

/** A thrown thing as problems: the coded ones it carries, else a fault of our own. */
function problemsOf(error: unknown, context: CliContext): readonly Problem[] {
  if (error instanceof Error && "problems" in error) return error.problems as readonly Problem[];
  const fault = error instanceof Error ? error : new Error(String(error));
  const ofPath = problemOfPath(fault);
  if (ofPath !== undefined) return [ofPath];
  const debug = (context.env["BALLAST_DEBUG"] ?? "") !== "";
  return [
    {
      code: "BAL-C015",
      severity: "error",
      at: "ballast",
      message: debug ? (fault.stack ?? fault.message) : fault.message,
      hint: "this is a mistake in Ballast; BALLAST_DEBUG=1 shows where it happened",
    },
  ];
}

/** Prints problems that are not the answer but the reason for there being none. */
async function complain(context: CliContext, problems: readonly Problem[], plain: boolean): Promise<void> {
  const [{ coloursFor }, { renderProblems }] = await Promise.all([import("../terminal/style.ts"), import("../render/problems.ts")]);
  print(context.stderr, `${renderProblems(problems, coloursFor(context.env, context.stderr, plain))}\n`);
}
