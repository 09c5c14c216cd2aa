import { suggestion } from "../../kernel/distance.ts";

const AREA_AND_PLACE = /^[A-Z][A-Za-z]+(\/[A-Za-z0-9_+-]+)+$/;

/** Why a zone cannot be used, or undefined when it can. Abbreviations and offsets are refused: neither knows when clocks change. */
export function zoneMistake(zone: string): { readonly complaint: string; readonly hint?: string } | undefined {
  if (zone === "UTC" || (AREA_AND_PLACE.test(zone) && !zone.startsWith("Etc/") && isKnown(zone))) return undefined;
  if (/^([+-]|UTC[+-]|GMT[+-]|Etc\/)/.test(zone)) {
    return { complaint: "is an offset, which does not know when clocks change", hint: "write a zone such as Europe/Berlin, or UTC" };
  }
  if (/^[A-Z]{2,5}([0-9][A-Z]{3})?$/.test(zone)) {
    return { complaint: "is an abbreviation, not a time zone", hint: "write a zone such as Europe/Berlin, or UTC" };
  }
  return { complaint: `is not a known time zone${suggestion(zone, Intl.supportedValuesOf("timeZone"))}` };
}

/** The list has the usual names and is there at once; former ones, such as Asia/Calcutta, only a formatter knows, which takes ten times as long to come. */
function isKnown(zone: string): boolean {
  if (Intl.supportedValuesOf("timeZone").includes(zone)) return true;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
