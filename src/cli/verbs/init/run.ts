import { lstatSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { replaceFileNow } from "../../../adapters/files/replace-file.ts";
import { HOLIDAY_YEARS, holidayCountries } from "../../../domain/calendar/holidays.ts";
import { loadFleet } from "../../../domain/fleet/load.ts";
import { failure, type Problem, ProblemError } from "../../../kernel/problem.ts";
import { EXIT } from "../../exit.ts";
import { todayOf } from "../../fleet/fleet.ts";
import { holdsFleet } from "../../fleet/fleet-files.ts";
import { type Starter, type StarterLine, starterLines } from "../../fleet/starter.ts";
import { type ChoiceOptions, starterChoices } from "../../fleet/starter-choices.ts";
import type { Invocation, Outcome } from "../../terminal/outcome.ts";
import { counted, listed } from "../../terminal/style.ts";

export interface InitOptions extends ChoiceOptions {
  readonly domain?: string;
  readonly series: string;
  readonly hosting: string;
  readonly force?: boolean;
}

const FILE = "fleet.yaml";
const HOSTINGS = ["shared", "isolated"];

export async function init(call: Invocation<InitOptions>): Promise<Outcome<"init">> {
  const { context, options, words, say } = call;
  const folder = words[0] ?? ".";
  const path = join(resolve(context.cwd, folder), FILE);
  const shown = join(folder, FILE);
  mustBeFree(path, shown, options.force === true);
  if (!HOSTINGS.includes(options.hosting))
    throw failure("BAL-F014", "--hosting", `hosting "${options.hosting}" is unknown; one of: ${HOSTINGS.join(", ")}`);
  const choices = await starterChoices(context, folder, options, !say.json);
  if (choices.tenants.length === 0) throw failure("BAL-C001", "--tenants", "at least one is needed", { hint: "--tenants acme" });
  const today = todayOf(context);
  const lines = starterLines(starterOf(options, choices, today));
  const text = `${lines.map((line) => line.text).join("\n")}\n`;
  const checked = loadFleet([{ path: FILE, text }], { today });
  if (!checked.ok) throw new ProblemError(checked.problems.map((problem) => atOption(problem, lines)));
  write(path, text, options.force === true);
  const named = folder === "." ? "" : ` ${folder}`;
  const next = [`./ballast validate${named}`, `./ballast plan${named}`, `./ballast up${named}`];
  return {
    exit: EXIT.done,
    text: [
      `wrote ${shown}: fleet ${choices.name} with ${counted(choices.tenants.length, "tenant")}, ${listed(choices.tenants)}`,
      `country ${choices.country}, zone ${choices.zone}, Odoo ${options.series}, hosting ${options.hosting}`,
      `Next: read it and put real owners in · ${next.join(" · ")}`,
    ].join("\n"),
    data: { file: shown, ...choices, tenants: [...choices.tenants], next },
  };
}

/** What somebody wrote is never written over unless that is asked for, and a folder never gets a second Fleet. */
function mustBeFree(path: string, shown: string, force: boolean): void {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there !== undefined && !force)
    throw failure("BAL-C016", shown, "is there already; nothing was changed", { hint: "--force writes over it" });
  if (there !== undefined && !there.isFile()) throw failure("BAL-C016", shown, "is not a plain file; nothing was changed");
  if (there === undefined && holdsFleet(join(path, "..")))
    throw failure("BAL-C016", join(shown, ".."), "another file there declares a Fleet already", { hint: "name another folder" });
}

/** Thought through to the end of the year after next, as far as holidays are known. */
function starterOf(
  { domain, series, hosting }: InitOptions,
  choices: Omit<Starter, "series" | "hosting" | "coveredUntil" | "holidays">,
  today: string,
): Starter {
  const lastYear = Math.min(Number(today.slice(0, 4)) + 2, HOLIDAY_YEARS.to);
  const holidays = holidayCountries().includes(choices.country);
  return { ...choices, ...(domain === undefined ? {} : { domain }), series, hosting, coveredUntil: `${lastYear}-12-31`, holidays };
}

/** There is no file yet that could be repaired, so a problem is at the option that its line was made from. */
function atOption(problem: Problem, lines: readonly StarterLine[]): Problem {
  const line = Number(problem.at.split(":").at(-2));
  return { ...problem, at: lines[line - 1]?.option ?? "init" };
}

/** Appears whole or not at all; without `force` never in the place of another file. */
function write(path: string, text: string, force: boolean): void {
  mkdirSync(join(path, ".."), { recursive: true });
  if (!force) return writeFileSync(path, text, { flag: "wx" });
  replaceFileNow(path, text, { mode: 0o644 });
}
