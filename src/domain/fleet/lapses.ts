import type { Problem } from "../../kernel/problem.ts";
import { HOLIDAY_YEARS } from "../calendar/holidays.ts";
import type { FleetCode } from "./codes.ts";
import type { Declarations, Declared } from "./declared.ts";
import type { Fleet } from "./model.ts";

/** What time has overtaken, or will. Only warnings: a fleet must still be readable, and be stopped, on the day after. */
export function lapseWarnings(declarations: Declarations, fleet: Fleet, today: string): Problem[] {
  return [
    ...coverageWarnings(declarations, fleet, today),
    ...holidayWarnings(declarations, fleet),
    ...waiverWarnings(declarations, fleet, today),
  ];
}

function warning(code: FleetCode, { source }: Declared, field: string, words: { message: string; hint: string }): Problem {
  return { code, severity: "warning", at: source.placeOf(["spec", field]), ...words };
}

function coverageWarnings({ Calendar }: Declarations, { calendars }: Fleet, today: string): Problem[] {
  return calendars.flatMap(({ name, coveredUntil }) => {
    const declared = Calendar.get(name);
    if (coveredUntil >= today || declared === undefined) return [];
    const message = `coveredUntil ${coveredUntil} is past: calendar ${name} admits no disruptive change any more`;
    const hint = "look at its holidays and freezes for the time ahead, then move the date";
    return [warning("BAL-F036", declared, "coveredUntil", { message, hint })];
  });
}

function holidayWarnings({ Calendar }: Declarations, { calendars }: Fleet): Problem[] {
  return calendars.flatMap(({ name, coveredUntil, holidays }) => {
    const declared = Calendar.get(name);
    if (holidays === undefined || Number(coveredUntil.slice(0, 4)) <= HOLIDAY_YEARS.to || declared === undefined) return [];
    const message = `coveredUntil ${coveredUntil}: holidays are known to the end of ${HOLIDAY_YEARS.to}; after it calendar ${name} has none`;
    return [warning("BAL-F039", declared, "coveredUntil", { message, hint: `declare ${HOLIDAY_YEARS.to}-12-31, and check again in time` })];
  });
}

function waiverWarnings({ Waiver }: Declarations, { waivers }: Fleet, today: string): Problem[] {
  return waivers.flatMap(({ name, rule, scope, expiresAt }) => {
    const declared = Waiver.get(name);
    if (expiresAt >= today || declared === undefined) return [];
    const message = `expiresAt ${expiresAt} is past: waiver ${name} has no effect any more, ${rule} counts again for ${scope}`;
    return [warning("BAL-F057", declared, "expiresAt", { message, hint: "remove it, or have two people agree again" })];
  });
}
