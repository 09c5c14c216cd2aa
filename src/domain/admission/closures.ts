import { editDistance } from "../../kernel/distance.ts";
import type { Problem } from "../../kernel/problem.ts";

/** What must be known of a tenant to tell whether it goes, comes, or has another name. */
export interface TenantSketch {
  readonly name: string;
  readonly renamedFrom?: string;
  readonly owner: string;
  readonly calendar: string;
  readonly production: "none" | "open" | "suspended";
  /** Of one whose rename is held: the former name, under which it still serves. */
  readonly stillUnder?: string;
  /** Of one whose rename was cut off: the former name, under which a part of its data still is. */
  readonly partlyUnder?: string;
}

export interface Closures {
  readonly fleet: string;
  /** In force. */
  readonly before: readonly TenantSketch[];
  /** Asked for. */
  readonly after: readonly TenantSketch[];
  /** Tenants that nobody declares and of which data is still here. */
  readonly kept: readonly string[];
}

export interface Answers {
  /** The name that was typed, or several with commas between: of the fleet, and addresses of data that changes its owner. */
  readonly confirmed?: string;
  /** Tenants of which somebody said that they are new. */
  readonly reallyNew?: readonly string[];
  /** Why it is done all the same, where somebody takes the responsibility. */
  readonly reason?: string;
}

/** Whether a name is among those that were typed. */
export function isNamed(confirmed: string | undefined, name: string): boolean {
  return (confirmed ?? "").split(",").some((typed) => typed.trim() === name);
}

/** What must be answered before a revision comes into force; nothing where nothing is to be asked. Pure. */
export function unanswered(closures: Closures, answers: Answers): readonly Problem[] {
  const reallyNew = answers.reallyNew ?? [];
  return [
    ...cutOffRenames(closures, reallyNew),
    ...suspectedRenames(closures, reallyNew),
    ...unconfirmedClosures(closures, answers.confirmed),
  ];
}

/** Productions that would be closed for as long as nobody declares them again; a rename only moves them. */
function closedBy({ before, after }: Closures): readonly string[] {
  const heirs = new Set(after.flatMap((tenant) => tenant.renamedFrom ?? []));
  const open = new Set(after.filter((tenant) => tenant.production === "open").map((tenant) => tenant.name));
  return before
    .filter(({ production }) => production === "open")
    .filter(({ name, stillUnder }) => [name, stillUnder ?? name].every((one) => !open.has(one) && !heirs.has(one)))
    .map(({ name }) => name);
}

/** Closing several productions, or all that there are, is mostly a mistake: another folder, a half-merged branch. */
function unconfirmedClosures(closures: Closures, confirmed: string | undefined): readonly Problem[] {
  const closed = closedBy(closures);
  const open = closures.before.filter((tenant) => tenant.production === "open").length;
  const all = closed.length === open;
  if (closed.length === 0 || (closed.length === 1 && !all) || isNamed(confirmed, closures.fleet)) return [];
  const which = `${closed.slice(0, 10).join(", ")}${closed.length > 10 ? ` and ${closed.length - 10} more` : ""}`;
  const count = all ? (open === 1 ? "the only production" : `all ${open} productions`) : `${closed.length} of ${open} productions`;
  const typed = confirmed === undefined ? "" : `; "${confirmed}" is not its name`;
  const message = `these files close ${count} of ${closures.fleet}, each in its window: ${which}${typed}`;
  return [{ code: "BAL-A041", severity: "error", at: closures.fleet, message, hint: `--confirm ${closures.fleet}, if that is meant` }];
}

/** A tenant that comes while one like it goes would begin empty, beside the data of the other. */
function suspectedRenames({ before, after, kept }: Closures, reallyNew: readonly string[]): readonly Problem[] {
  // Of one that still serves under its former name, that name is what is here.
  const here = before.filter((tenant) => tenant.stillUnder === undefined);
  const [known, declared] = [new Set([...here.map((tenant) => tenant.name), ...kept]), new Set(after.map((tenant) => tenant.name))];
  const heirs = new Set(after.flatMap((tenant) => tenant.renamedFrom ?? []));
  const gone = [...known].filter((name) => !declared.has(name) && !heirs.has(name));
  // One that is declared as renamed begins empty too where nothing is under its former name.
  const come = after.filter(({ name, renamedFrom }) => !known.has(name) && (renamedFrom === undefined || !known.has(renamedFrom)));
  const waiting = heldRenames(before, gone);
  return come.flatMap((tenant): readonly Problem[] => {
    if (reallyNew.includes(tenant.name)) return [];
    const held = waiting.get(tenant.name) ?? waiting.get(tenant.renamedFrom ?? "");
    const former = held ?? gone.find((name) => isLike(name, tenant.name)) ?? onlyClone(tenant, come, gone, here);
    if (former === undefined) return [];
    const message = `${tenant.name} would begin empty while ${former}, whose data is here, is no longer declared: is it ${former} under another name?`;
    const hint = `metadata: { name: ${tenant.name}, renamedFrom: ${former} } takes over its data; --new ${tenant.name} says that it is another tenant`;
    return [{ code: "BAL-A042", severity: "error", at: tenant.name, message, hint }];
  });
}

/** Of a rename that was cut off, either name alone would go on with a part of the data, and beside the rest begin empty. */
function cutOffRenames({ before, after }: Closures, reallyNew: readonly string[]): readonly Problem[] {
  const halves = before.flatMap(({ name, partlyUnder }) => (partlyUnder === undefined ? [] : [[name, partlyUnder] as const]));
  return halves.flatMap(([heir, former]) =>
    after.flatMap(({ name, renamedFrom }): readonly Problem[] => {
      const other = name === heir ? former : name === former ? heir : undefined;
      if (other === undefined || renamedFrom === other || reallyNew.includes(name)) return [];
      const message = `${name} would begin without a part of its data, which is still under ${other}: its rename was not carried out whole`;
      const hint = `metadata: { name: ${name}, renamedFrom: ${other} } takes over the rest; --new ${name} says that it begins without it`;
      return [{ code: "BAL-A042", severity: "error", at: name, message, hint }];
    }),
  );
}

/** New names of renames that are held, with the former name: until the window opens, the data is there. */
function heldRenames(before: readonly TenantSketch[], gone: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    before.flatMap(({ name, stillUnder }) => (stillUnder !== undefined && gone.includes(stillUnder) ? [[name, stillUnder] as const] : [])),
  );
}

/** One slip in four letters, or a part more or less behind a hyphen. Numbered names are told apart by their numbers. */
function isLike(one: string, other: string): boolean {
  if (one.replaceAll(/\d+/g, "#") === other.replaceAll(/\d+/g, "#")) return false;
  if (one.startsWith(`${other}-`) || other.startsWith(`${one}-`)) return true;
  return editDistance(one, other) <= Math.max(1, Math.floor(Math.min(one.length, other.length) / 4));
}

/** The one that goes, where one goes and one comes, and owner and calendar are the same. */
function onlyClone(
  tenant: TenantSketch,
  come: readonly TenantSketch[],
  gone: readonly string[],
  before: readonly TenantSketch[],
): string | undefined {
  const [name, ...others] = gone;
  const former = before.find((one) => one.name === name);
  if (come.length !== 1 || others.length > 0 || former === undefined) return undefined;
  if (former.name.replaceAll(/\d+/g, "#") === tenant.name.replaceAll(/\d+/g, "#")) return undefined;
  return former.owner === tenant.owner && former.calendar === tenant.calendar ? former.name : undefined;
}

export interface Stopping {
  readonly fleet: string;
  /** Productions that are declared, open, and meant to run. */
  readonly productions: readonly string[];
  readonly confirmed?: string;
  readonly reason?: string;
}

/** Stopping a fleet closes its production at once, so it wants the name and a reason. */
export function unconfirmedStop({ fleet, productions, confirmed, reason }: Stopping): readonly Problem[] {
  const named = isNamed(confirmed, fleet);
  if (productions.length === 0 || (named && (reason ?? "").trim() !== "")) return [];
  const what = productions.length === 1 ? `production of ${productions[0]}` : `${productions.length} productions`;
  const typed = confirmed === undefined || named ? "" : `; "${confirmed}" is not its name`;
  const message = `stopping ${fleet} closes ${what} at once, whatever the calendar says: that wants its name and a reason${typed}`;
  return [{ code: "BAL-A043", severity: "error", at: fleet, message, hint: `--confirm ${fleet} --reason TEXT` }];
}

export interface Unreadable {
  readonly fleet: string;
  readonly verb: "apply" | "stop";
  /** Why what is in force cannot be read. */
  readonly cause: string;
  readonly confirmed?: string;
  readonly reason?: string;
}

/**
 * Where what is in force cannot be read, it cannot be determined which productions an apply or a stop closes: an apply wants the fleet's name or the reason of somebody
 * who takes the responsibility, a stop both. Pure.
 */
export function unreadableInForce({ fleet, verb, cause, confirmed, reason }: Unreadable): readonly Problem[] {
  const named = isNamed(confirmed, fleet);
  const reasoned = (reason ?? "").trim() !== "";
  if (verb === "apply" ? named || reasoned : named && reasoned) return [];
  const typed = confirmed === undefined || named ? "" : `; "${confirmed}" is not its name`;
  const message = `what is in force of ${fleet} cannot be read, so it cannot be determined which productions this closes: ${cause}${typed}`;
  const hint =
    verb === "apply" ? `--confirm ${fleet}: what is here and not in the files is closed by hand alone` : `--confirm ${fleet} --reason TEXT`;
  return [{ code: "BAL-A054", severity: "error", at: fleet, message, hint }];
}
