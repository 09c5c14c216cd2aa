import { basename, resolve } from "node:path";
import { holidayCountries } from "../../domain/calendar/holidays.ts";
import { failure } from "../../kernel/problem.ts";
import type { CliContext } from "../port.ts";
import { answerOr } from "../terminal/ask.ts";

export interface ChoiceOptions {
  readonly name?: string;
  readonly tenants?: string;
  readonly country?: string;
  readonly zone?: string;
}

export interface Choices {
  readonly name: string;
  readonly tenants: readonly string[];
  readonly country: string;
  readonly zone: string;
}

/** Takes what was given, asks for the rest where somebody can be asked, and takes the obvious otherwise. */
export async function starterChoices(context: CliContext, folder: string, given: ChoiceOptions, mayAsk: boolean): Promise<Choices> {
  const ask = async (question: string, fallback: string) => (mayAsk ? await answerOr(context, question, fallback) : fallback);
  const name = given.name ?? (await ask("Name of the fleet", labelOf(basename(resolve(context.cwd, folder)))));
  const tenants = given.tenants ?? (await ask("Companies or branches, with commas between them", "acme"));
  const country = given.country ?? (await ask("Country (ISO 3166)", countryOf(given.zone)));
  const zone = given.zone ?? (await zoneOf(country, ask));
  const names = tenants.split(",").map((one) => one.trim());
  return { name, tenants: names.filter((one) => one !== ""), country, zone };
}

/** A folder's name as a name of the language, or `fleet` where nothing of it can be kept. */
function labelOf(folder: string): string {
  const label = folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "");
  return label === "" ? "fleet" : label.slice(0, 40).replace(/-+$/, "");
}

const USUAL = { country: "DE", zone: "Europe/Berlin" } as const;

/** The country in which a zone is used, as far as it is one whose holidays are known. */
function countryOf(zone: string | undefined): string {
  if (zone === undefined || zone === USUAL.zone) return USUAL.country;
  const found = holidayCountries().find((country) => zonesOf(country).includes(zone));
  if (found !== undefined) return found;
  throw failure("BAL-C002", "--country", `it cannot be told from ${zone}`, { hint: "--country says whose law and holidays apply" });
}

async function zoneOf(country: string, ask: (question: string, fallback: string) => Promise<string>): Promise<string> {
  if (country === USUAL.country) return await ask("Time zone", USUAL.zone);
  const zones = zonesOf(country);
  const [only] = zones;
  const answer = await ask("Time zone", zones.length === 1 ? (only ?? "") : "");
  if (answer !== "") return answer;
  const choice = zones.length === 0 ? "--zone names one" : `--zone names one, such as ${zones.slice(0, 5).join(", ")}`;
  throw failure("BAL-C002", "--zone", `${country} has ${zones.length === 0 ? "no zone that is known" : "several zones"}`, { hint: choice });
}

function zonesOf(country: string): readonly string[] {
  if (!/^[A-Z]{2}$/.test(country)) return [];
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & { getTimeZones?: () => readonly string[] | undefined };
  return locale.getTimeZones?.() ?? [];
}
