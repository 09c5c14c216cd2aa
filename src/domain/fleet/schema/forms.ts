import { z } from "zod";
import { formatDuration, formatSize, parseDuration, parseSize } from "../../../kernel/quantity.ts";
import { isDate } from "../../calendar/wall-clock.ts";
import { zoneMistake } from "../../calendar/zone.ts";
import type { FleetCode } from "../codes.ts";
import { isCountry } from "./countries.ts";

/** What is wrong with a value. `text` follows the field and its value, unless it names `{field}` itself. */
export interface Complaint {
  readonly code: FleetCode;
  readonly text: string;
  readonly hint?: string;
}

/** What a schema says itself of a value that it refuses, instead of the general words. */
export const Mistakes = z.registry<{ readonly complain: (value: unknown) => Complaint }>();

/** A field of the language: its meaning, and the default where one constant is used. Both go to the JSON Schema and the reference. */
export function field<S extends z.ZodType>(schema: S, description: string): S {
  return schema.describe(description) as S;
}

export function optional<S extends z.ZodType>(schema: S, description: string, shownDefault?: unknown): z.ZodOptional<S> {
  return schema.optional().meta({ description, ...(shownDefault === undefined ? {} : { default: shownDefault }) });
}

/** A text with a form that a function judges; the pattern is for editors. */
export function text(pattern: RegExp, complain: (value: string) => Complaint | undefined) {
  return z
    .string()
    .superRefine((value, context) => {
      const complaint = complain(value);
      if (complaint !== undefined) context.addIssue({ code: "custom", message: complaint.text, params: { ...complaint } });
    })
    .meta({ pattern: pattern.source });
}

/** A text that must match a pattern. */
export function matching(pattern: RegExp, complaint: Complaint) {
  return text(pattern, (value) => (pattern.test(value) ? undefined : complaint));
}

export function list<S extends z.ZodType>(item: S, least = 1) {
  return z
    .array(item)
    .min(least)
    .max(1000)
    .superRefine((values, context) => {
      values.forEach((value, index) => {
        if (typeof value === "string" && values.indexOf(value) !== index) {
          const complaint: Complaint = { code: "BAL-F017", text: "is in the list twice" };
          context.addIssue({ code: "custom", message: complaint.text, path: [index], params: { ...complaint } });
        }
      });
    });
}

interface Range {
  readonly min?: number;
  readonly max: number;
}

/** `90s`, `15m`, `2h`, `1d` → seconds. */
export function duration({ min = 1, max }: Range) {
  return text(/^\d{1,9}(s|m|h|d)$/, (value) => {
    const seconds = parseDuration(value);
    const code = "BAL-F030";
    if (seconds === undefined) return { code, text: "is not a duration", hint: "write 90s, 15m, 2h or 1d" };
    if (seconds < min && min === 1) return { code, text: `{field} ${value}: must be more than nothing` };
    if (seconds < min) return { code, text: `{field} ${value}: must be at least ${formatDuration(min)}` };
    return seconds > max ? { code, text: `{field} ${value}: must be at most ${formatDuration(max)}` } : undefined;
  }).transform((value) => parseDuration(value) ?? 0);
}

/** `512Mi`, `2Gi` → bytes. */
export function size({ min = 1, max }: Range) {
  return text(/^\d{1,9}(Ki|Mi|Gi|Ti)$/, (value) => {
    const bytes = parseSize(value);
    const code = "BAL-F031";
    if (bytes === undefined) return { code, text: "is not a size", hint: "write 512Mi or 2Gi" };
    if (bytes < min) return { code, text: `{field} ${value}: must be at least ${formatSize(min)}` };
    return bytes > max ? { code, text: `{field} ${value}: must be at most ${formatSize(max)}` } : undefined;
  }).transform((value) => parseSize(value) ?? 0);
}

export const SERIES = ["14.0", "15.0", "16.0", "17.0", "18.0", "19.0"] as const;
export type Series = (typeof SERIES)[number];

/** An Odoo series. */
export const series = z.enum(SERIES).register(Mistakes, {
  complain(value) {
    const code = "BAL-F021";
    const legal = `one of: ${SERIES.join(" ")}`;
    if (typeof value === "number" && SERIES.some((one) => one === value.toFixed(1))) {
      return { code, text: `{field} ${value} is a number; a series is a text`, hint: `write "${value.toFixed(1)}" in quotes` };
    }
    const text = String(value);
    if (/^1[4-9]\.[oO]$/.test(text)) return { code, text: `is not an Odoo series (that is a letter O); ${legal}` };
    if (/^1[4-9]$/.test(text)) return { code, text: `is not an Odoo series; ${legal}`, hint: `write "${text}.0"` };
    return { code, text: `is not an Odoo series; ${legal}` };
  },
});

/** A sentence or two that a person must have written. */
export const note = text(/\S/, (value) =>
  value.trim() === "" || value.length > 500 ? { code: "BAL-F015", text: "must say something, in at most 500 characters" } : undefined,
);

const LABEL = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;

/** The name of something declared: a DNS label, short enough that what is derived from it stays one. */
export const name = text(LABEL, (value) => {
  if (LABEL.test(value) && value.length <= 40) return undefined;
  const hint = value.length > 40 ? `it has ${value.length} characters; at most 40 are allowed` : labelHint(value);
  return { code: "BAL-F012", text: "is an invalid name", hint };
});

function labelHint(value: string): string {
  const repaired = value
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "");
  const rule = "lower-case letters, digits and hyphens, starting with a letter";
  return repaired === "" ? rule : `${rule}, such as ${repaired.slice(0, 40).replace(/-+$/, "")}`;
}

const DOMAIN = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

const NUMERIC_END = /(^|\.)(\d+|0x[0-9a-f]*)$/;

/** A DNS name in lower case, without a dot at its end, that a browser would ask for. */
export const domainName = text(DOMAIN, (value) => {
  const code = "BAL-F020";
  if (NUMERIC_END.test(value))
    return { code, text: "is not a DNS name", hint: "its last label is a number, so it is read as an IP address" };
  if (DOMAIN.test(value) && asAsked(value) === value) return undefined;
  const asked = asAsked(value.trim().replace(/\.$/, ""));
  const rule = "lower-case labels of at most 63 letters, digits and hyphens, joined by dots, 253 characters in all";
  const repaired = asked !== undefined && asked !== value && DOMAIN.test(asked) && !NUMERIC_END.test(asked);
  return { code, text: "is not a DNS name", hint: repaired ? `write ${asked}` : rule };
});

/** The name that a browser would ask the DNS for; undefined where it would ask for nothing. */
function asAsked(host: string): string | undefined {
  if (!/^[^\s/?#@:\\[\]%]{1,512}$/.test(host)) return undefined;
  return URL.parse(`https://${host}`)?.hostname;
}

export const country = text(/^[A-Z]{2}$/, (value) => {
  if (isCountry(value)) return undefined;
  if (value === "UK") return { code: "BAL-F035", text: "is not an ISO 3166 country code", hint: "the United Kingdom is GB" };
  if (value === "EU") return { code: "BAL-F035", text: "is not an ISO 3166 country code", hint: "list the countries" };
  const upper = value.toUpperCase();
  const hint = isCountry(upper) ? `write ${upper}` : "two capital letters, such as DE";
  return { code: "BAL-F035", text: "is not an ISO 3166 country code", hint };
});

export const zone = text(/^(UTC|[A-Z][A-Za-z]+(\/[A-Za-z0-9_+-]+)+)$/, (value) => {
  const mistake = zoneMistake(value);
  if (mistake === undefined) return undefined;
  return { code: "BAL-F034", text: mistake.complaint, ...(mistake.hint === undefined ? {} : { hint: mistake.hint }) };
});

/** `HH:MM`. */
export const timeOfDay = matching(/^([01]\d|2[0-3]):[0-5]\d$/, {
  code: "BAL-F032",
  text: "is not a time of day",
  hint: 'write "17:30", from 00:00 to 23:59',
});

/** `HH:MM`, also `24:00`. */
export const endOfSpan = matching(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, {
  code: "BAL-F032",
  text: "is not a time of day",
  hint: 'write "17:30", from 00:00 to 24:00',
});

const NOT_A_DATE: Complaint = { code: "BAL-F033", text: "is not a date", hint: "write 2026-12-31" };

export const date = text(/^\d{4}-\d{2}-\d{2}$/, (value) => (isDate(value) ? undefined : NOT_A_DATE));

export const dateOrTime = text(/^\d{4}-\d{2}-\d{2}(T([01]\d|2[0-3]):[0-5]\d)?$/, (value) => {
  const [day = "", time] = value.split("T");
  if (isDate(day) && (time === undefined || /^([01]\d|2[0-3]):[0-5]\d$/.test(time))) return undefined;
  return { code: "BAL-F033", text: "is neither a date nor a date with a time", hint: "write 2026-12-31 or 2026-12-31T18:00" };
});

export const dayOfYear = text(/^(\d{4}-)?\d{2}-\d{2}$/, (value) => {
  if (isDate(value.length === 5 ? `2024-${value}` : value)) return undefined;
  return { code: "BAL-F033", text: "is not a day", hint: "write 11-15 for every year, or 2026-11-15" };
});
