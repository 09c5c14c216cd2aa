import type { z } from "zod";
import { suggestion } from "../../kernel/distance.ts";
import type { Problem } from "../../kernel/problem.ts";
import type { FleetCode } from "./codes.ts";
import { type Complaint, Mistakes } from "./schema/forms.ts";
import { bare, fieldsOf, schemaAt } from "./schema/walk.ts";
import type { Path, SourceDocument } from "./source.ts";

type Issue = z.core.$ZodIssue;

interface Finding {
  readonly code: FleetCode;
  readonly path: Path;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly part?: "key";
}

/** What a schema objected to, as problems that name the field, the value and the place where it was written. */
export function problemsOf(issues: readonly Issue[], schema: z.ZodType, document: SourceDocument): Problem[] {
  return issues
    .flatMap((issue) => findings(issue, schema, document.value))
    .map(({ code, path, message, hint, part }) => ({
      code,
      severity: "error",
      at: document.placeOf(path, part),
      message,
      ...(hint === undefined ? {} : { hint }),
    }));
}

/** A value as it is shown in a message. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a mapping";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…${typeof value === "string" ? '"' : ""}` : text;
}

function label(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return "the document";
  return typeof last === "number" ? `${String(path.at(-2) ?? "")}[${last}]` : String(last);
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, segment) => (typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[segment] : undefined),
    value,
  );
}

function findings(issue: Issue, schema: z.ZodType, root: unknown): Finding[] {
  const value = valueAt(root, issue.path);
  const at = schemaAt(schema, issue.path);
  if (issue.code === "unrecognized_keys") return unknownFields(issue.keys, issue.path, at);
  if (issue.code === "custom") return [complained(issue.path, value, issue.params as unknown as Complaint)];
  if (value === undefined || value === null) return [missing(issue.path, value, at)];
  const own = at && Mistakes.get(bare(at));
  if (own) return [complained(issue.path, value, own.complain(value))];
  return [general(issue, value, label(issue.path))];
}

function complained(path: Path, value: unknown, { code, text, hint }: Complaint): Finding {
  const message = text.includes("{field}") ? text.replace("{field}", label(path)) : `${label(path)} ${shown(value)} ${text}`;
  return { code, path, message, hint };
}

function unknownFields(keys: readonly string[], path: Path, schema: z.ZodType | undefined): Finding[] {
  const legal = Object.keys((schema && fieldsOf(schema)) ?? {});
  return keys.map((key) => ({
    code: "BAL-F009",
    path: [...path, key],
    part: "key",
    message: `field ${shown(key)} is unknown in ${label(path)}; one of: ${legal.join(", ")}${suggestion(key, legal)}`,
  }));
}

function missing(path: Path, value: unknown, schema: z.ZodType | undefined): Finding {
  const meaning = schema?.description;
  return { code: "BAL-F010", path, message: `${path.join(".")} is ${value === null ? "empty" : "missing"}`, hint: meaning };
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a mapping",
  array: "a list",
};

function general(issue: Issue, value: unknown, field: string): Finding {
  const { path } = issue;
  if (issue.code === "too_small" || issue.code === "too_big") return outOfRange(issue, value, field);
  if (issue.code === "invalid_type") {
    const message = `${field} ${shown(value)} is not ${EXPECTED[issue.expected] ?? issue.expected}`;
    return { code: "BAL-F011", path, message, hint: typeHint(issue.expected, value) };
  }
  if (issue.code === "invalid_value") {
    const legal = issue.values.map(String);
    const words = legal.length === 1 ? `must be ${legal[0]}` : `one of: ${legal.join(", ")}`;
    return { code: "BAL-F014", path, message: `${field} ${shown(value)} is unknown; ${words}${suggestion(value, legal)}` };
  }
  return { code: "BAL-F011", path, message: `${field} ${shown(value)}: ${issue.message}` };
}

function typeHint(expected: string, value: unknown): string | undefined {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return undefined;
  if (expected === "string") return `write "${value}" in quotes`;
  if (expected === "array") return `write [${value}]`;
  const isNumber = typeof value === "string" && /^\d+(\.\d+)?$/.test(value);
  return isNumber && (expected === "number" || expected === "int") ? `write ${value} without quotes` : undefined;
}

type RangeIssue = Extract<Issue, { code: "too_small" | "too_big" }>;

function outOfRange(issue: RangeIssue, value: unknown, field: string): Finding {
  const [limit, side] = issue.code === "too_small" ? [issue.minimum, "least"] : [issue.maximum, "most"];
  const { path } = issue;
  if (issue.origin === "array")
    return { code: "BAL-F017", path, message: `${field} must have at ${side} ${limit} ${limit === 1 ? "item" : "items"}` };
  if (issue.origin === "string")
    return { code: "BAL-F015", path, message: `${field} ${shown(value)} must have at ${side} ${limit} characters` };
  const words = issue.inclusive === false ? `${side === "least" ? "more" : "less"} than ${limit}` : `at ${side} ${limit}`;
  return { code: "BAL-F016", path, message: `${field} ${shown(value)}: must be ${words}` };
}
