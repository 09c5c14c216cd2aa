import { z } from "zod";
import {
  FindingShape,
  FleetPlan,
  FleetStatus,
  LogLineShape,
  OperationEventShape,
  OperationShape,
  ProblemShape,
} from "../../api/contract/contract.ts";
import { ApplyResultShape, JourneyResultShape, StopResultShape } from "../../api/contract/results.ts";
import { WEEKDAYS } from "../../domain/calendar/calendar.ts";

const Effective = z.object({ field: z.string(), value: z.string(), source: z.string(), because: z.string().optional() });
const Finding = z.object({
  id: z.string(),
  state: z.enum(["ok", "missing", "refused", "warning"]),
  text: z.string(),
  remedy: z.string().optional(),
  installable: z.boolean().optional(),
});

const Span = z.object({ start: z.iso.datetime(), end: z.iso.datetime() });
const Day = z.object({
  date: z.iso.date(),
  weekday: z.enum(WEEKDAYS),
  open: z.array(Span),
  protected: z.array(Span.extend({ kind: z.string(), name: z.string(), reason: z.string().optional() })),
  waves: z.array(Span.extend({ name: z.string() })),
  expected: z.object({ factor: z.number(), because: z.string() }),
  holiday: z.string().optional(),
  clockChange: z.object({ at: z.iso.datetime(), from: z.string(), to: z.string() }).optional(),
  coverage: z.enum(["covered", "ends", "beyond"]),
});
const CalendarSummary = z.object({
  name: z.string(),
  zone: z.string(),
  coveredUntil: z.iso.date(),
  open: z.boolean(),
  nextOpen: z.iso.datetime().optional(),
  nextOpenText: z.string().optional(),
});

/** What `--json` answers, by verb, beside `schema`, `command` and `exit`. */
export const ANSWERS = {
  init: z.object({
    file: z.string(),
    name: z.string(),
    tenants: z.array(z.string()),
    country: z.string(),
    zone: z.string(),
    next: z.array(z.string()),
  }),
  validate: z.object({
    files: z.number().int(),
    fleet: z.string().optional(),
    problems: z.array(ProblemShape),
    /** Those of the problems that a guardrail found. */
    findings: z.array(FindingShape),
  }),
  explain: z.object({ address: z.string(), place: z.string(), values: z.array(Effective) }),
  why: z.object({
    subject: z.string(),
    about: z.enum(["state", "declaration", "value", "code", "operation"]),
    says: z.string(),
    because: z.array(z.object({ text: z.string(), rule: z.string().optional(), at: z.string().optional() })),
    repair: z.array(z.string()),
    next: z.array(z.string()),
  }),
  graph: z.object({
    fleet: z.string(),
    stack: z.string().optional(),
    nodes: z.array(z.object({ id: z.string(), kind: z.string(), name: z.string(), stack: z.string().optional() })),
    edges: z.array(z.object({ from: z.string(), to: z.string(), as: z.array(z.string()) })),
  }),
  calendar: z.union([
    z.object({ calendars: z.array(CalendarSummary) }),
    z.object({ calendar: z.string(), zone: z.string(), coveredUntil: z.iso.date(), days: z.array(Day) }),
  ]),
  plan: z.object({ plan: FleetPlan, firstTime: z.boolean(), changes: z.boolean() }),
  sbom: z.object({ images: z.array(z.object({ image: z.string(), document: z.looseObject({}).optional() })) }),
  rotate: z.object({ operation: OperationShape, result: ApplyResultShape.optional(), problems: z.array(ProblemShape) }),
  apply: z.object({ operation: OperationShape, result: ApplyResultShape.optional(), problems: z.array(ProblemShape) }),
  up: z.object({
    operation: OperationShape,
    result: ApplyResultShape.optional(),
    journeys: z.array(z.object({ stack: z.string(), operation: z.string(), result: JourneyResultShape.optional() })),
    urls: z.array(z.string()),
    authority: z.string(),
    credentials: z.string(),
    problems: z.array(ProblemShape),
  }),
  down: z.object({
    fleet: z.string(),
    stopped: z.array(z.string()),
    deleted: z.boolean(),
    result: z.union([StopResultShape, ApplyResultShape]).optional(),
    problems: z.array(ProblemShape),
  }),
  status: FleetStatus,
  logs: z.object({ lines: z.number().int() }),
  operations: z.union([
    z.object({ items: z.array(OperationShape) }),
    z.object({ operation: OperationShape, parts: z.array(OperationShape), events: z.array(OperationEventShape) }),
  ]),
  server: z.object({ fleet: z.string() }),
  service: z.object({
    fleet: z.string(),
    unit: z.string(),
    file: z.string(),
    text: z.string(),
    systemd: z.boolean(),
    installed: z.boolean(),
    /** Written by another version or for another place of Ballast. */
    outdated: z.boolean(),
    enabled: z.boolean(),
    active: z.boolean(),
  }),
  journey: z.object({ operation: OperationShape, result: JourneyResultShape.optional(), problems: z.array(ProblemShape) }),
  doctor: z.object({ findings: z.array(Finding), removed: z.array(z.string()).optional() }),
  completion: z.object({ shell: z.enum(["bash", "zsh", "fish"]), script: z.string() }),
  render: z.object({
    engine: z.enum(["compose"]),
    /** Where it was written; missing where it was only shown. */
    folder: z.string().optional(),
    compose: z.record(z.string(), z.unknown()),
    written: z.array(z.string()),
    /** Secret files that somebody must provide. */
    toProvide: z.array(z.string()),
    notes: z.array(z.string()),
  }),
  schema: z.object({ document: z.record(z.string(), z.unknown()) }),
} as const;

export type VerbName = keyof typeof ANSWERS;
export type Answers = { readonly [V in VerbName]: z.infer<(typeof ANSWERS)[V]> };

/** What any verb answers when it could not do its work. */
export const Refusal = z.object({
  schema: z.string(),
  command: z.string(),
  exit: z.number().int(),
  problems: z.array(ProblemShape).min(1),
});

/** Long work speaks in lines of JSON: the first names the schema, the last carries `exit` and the answer. */
export const Line = z.discriminatedUnion("line", [
  z.object({ line: z.literal("begin"), schema: z.string(), command: z.string() }),
  z.object({ line: z.literal("note"), text: z.string() }),
  z.object({ line: z.literal("event"), event: OperationEventShape }),
  z.object({ line: z.literal("status"), status: FleetStatus }),
  z.object({ line: z.literal("log"), log: LogLineShape }),
  z.object({ line: z.literal("end"), exit: z.number().int() }).loose(),
]);

/** The shapes above as JSON Schema, for those who read them from another language. */
export function answersJsonSchema(): Record<string, unknown> {
  const shapes = Object.entries(ANSWERS).map(([verb, shape]) => [verb, z.toJSONSchema(shape, { io: "output" })] as const);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Answers of the Ballast command line",
    $defs: { ...Object.fromEntries(shapes), refusal: z.toJSONSchema(Refusal), line: z.toJSONSchema(Line) },
  };
}
