import type { Instant } from "../../kernel/instant.ts";

// CLDR keeps an abbreviation only in the locales whose readers use it: CET in en-GB, EST in en-US, AEDT in en-AU, IST in en-IN.
const LOCALES = ["en-GB", "en-US", "en-AU", "en-NZ", "en-IN", "en-ZA", "en-CA"] as const;

/** The abbreviation that a zone has at an instant, `CET` or `CEST`; `GMT+9` where English has none. */
export function zoneAbbreviation(zone: string, instant: Instant): string {
  let fallback = "";
  for (const locale of LOCALES) {
    const parts = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: "short" }).formatToParts(instant);
    const name = parts.find((part) => part.type === "timeZoneName")?.value ?? "";
    if (!/^(GMT|UTC)[+-]/.test(name)) return name;
    fallback ||= name;
  }
  return fallback;
}

/** An instant as the people of a zone read it: `2026-11-29 02:00 CET`, or with style `weekday` `Sun 02:00 CET`. */
export function formatInstant(zone: string, instant: Instant, style: "date" | "weekday" = "date"): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "short",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(instant);
  const at = Object.fromEntries(parts.map((part) => [part.type, part.value]));
  const day = style === "weekday" ? at["weekday"] : `${at["year"]?.padStart(4, "0")}-${at["month"]}-${at["day"]}`;
  return `${day} ${at["hour"]}:${at["minute"]} ${zoneAbbreviation(zone, instant)}`;
}

/** The wall clock of a zone at an instant: `17:30`. */
export function formatTime(zone: string, instant: Instant): string {
  return new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(instant);
}
