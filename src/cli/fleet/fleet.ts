import type { LoadedFleet } from "../../domain/fleet/model.ts";
import { failure, type Problem, ProblemError } from "../../kernel/problem.ts";
import type { CliContext } from "../port.ts";
import type { Invocation } from "../terminal/outcome.ts";
import { type Around, chooseFleet, type FleetChoice } from "./fleet-choice.ts";
import type { FleetFolder } from "./fleet-files.ts";

export interface ReadFleet {
  readonly loaded: LoadedFleet;
  readonly files: FleetFolder;
  readonly warnings: readonly Problem[];
}

type Call = Pick<Invocation, "context" | "options" | "say">;

async function choiceOf(call: Call, folder: string | undefined): Promise<FleetChoice> {
  const { context, options } = call;
  const around = { cwd: context.cwd, env: context.env, installations: () => context.ports.installations() };
  const choice = await chooseFleet({ folder, flag: options.fleet }, around);
  let shown: Promise<string | undefined> | undefined;
  call.say.fleet = () => {
    shown ??= shownIn(choice, around);
    return shown;
  };
  return choice;
}

async function shownIn(choice: FleetChoice, around: Around): Promise<string | undefined> {
  if (await isFoundUnnamed(choice, around)) return undefined;
  return choice.kind === "files" ? choice.files.shown : choice.fleet;
}

/** Whether a command that names no fleet would be about this one too. */
async function isFoundUnnamed(choice: FleetChoice, around: Around): Promise<boolean> {
  if (choice.kind === "installed" && !choice.chosen) return true;
  const unnamed = await chooseFleet({}, around).catch(() => undefined);
  if (unnamed?.kind === "files") return choice.kind === "files" && unnamed.files.folder === choice.files.folder;
  const name = choice.kind === "files" ? await declaredName(choice.files).catch(() => undefined) : choice.fleet;
  return unnamed !== undefined && unnamed.fleet === name;
}

/** The files that a command is about. */
export async function filesOf(call: Call, folder: string | undefined): Promise<FleetFolder> {
  const choice = await choiceOf(call, folder);
  if (choice.kind === "files") return choice.files;
  throw failure("BAL-C003", choice.fleet, "this needs the fleet's files, and the current folder holds none", {
    hint: "name its folder, such as examples/hello",
  });
}

/** The fleet in some files, free of errors; else every problem is thrown at once. */
export async function readFleet(context: CliContext, files: FleetFolder): Promise<ReadFleet> {
  const { loadFleet } = await import("../../domain/fleet/load.ts");
  const checked = loadFleet(files.files, { today: todayOf(context) });
  if (!checked.ok) throw new ProblemError(checked.problems);
  return { loaded: checked.value, files, warnings: checked.warnings };
}

export function todayOf(context: Pick<CliContext, "now">): string {
  return new Date(context.now()).toISOString().slice(0, 10);
}

/** A fleet by its name alone, for commands that only ask its control plane. Works with files that have mistakes. */
export interface NamedFleet {
  readonly fleet: string;
  /** How a remedy names it: its folder, or `--fleet NAME`. */
  readonly shown: string;
}

export async function nameOfFleet(call: Call, folder: string | undefined): Promise<NamedFleet> {
  const choice = await choiceOf(call, folder);
  if (choice.kind === "installed") {
    if (!choice.chosen) call.say.note(`fleet ${choice.fleet}, the only one here`);
    return { fleet: choice.fleet, shown: "FOLDER" };
  }
  const { files } = choice;
  return { fleet: await declaredName(files), shown: files.shown };
}

async function declaredName(files: FleetFolder): Promise<string> {
  const { readSources } = await import("../../domain/fleet/source.ts");
  for (const { value } of readSources(files.files).documents) {
    if (value["kind"] !== "Fleet") continue;
    const name: unknown = (value["metadata"] as { name?: unknown } | null | undefined)?.name;
    if (typeof name === "string" && /^[a-z0-9-]+$/.test(name)) return name;
  }
  throw failure("BAL-C004", files.shown, "these files name no fleet", { hint: `ballast validate ${files.shown}` });
}
