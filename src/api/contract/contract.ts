import { z } from "zod";
import { NEVER_WRITTEN } from "../../kernel/foreign-text.ts";

/** The shapes that cross the wire; the CLI, the console and the OpenAPI document all come from these. */
export const ProblemShape = z.object({
  code: z.string(),
  severity: z.enum(["error", "warning", "note"]),
  at: z.string(),
  address: z.string().optional(),
  message: z.string(),
  hint: z.string().optional(),
});

/** What a guardrail found. A waived one is a note, and says by which waiver, for which ticket and until when. */
export const FindingShape = ProblemShape.extend({
  address: z.string(),
  waived: z.object({ waiver: z.string(), ticket: z.string(), expiresAt: z.string() }).optional(),
});
export type FindingShape = z.infer<typeof FindingShape>;

const UNREADABLE = "holds a character that nobody sees: a control, or one that turns the direction of text";

/** Words that somebody wrote: on one line, with nothing in it that a terminal obeys and nothing that a fleet's files may not hold. */
const Words = z.string().regex(new RegExp(String.raw`^[^\p{Cc}${NEVER_WRITTEN}\ufeff]*$`, "u"), UNREADABLE);

/** As `Words`, on several lines. */
const Lines = z.string().regex(new RegExp(String.raw`^(?:[^\p{Cc}${NEVER_WRITTEN}\ufeff]|[\n\t])*$`, "u"), UNREADABLE);

/** Of an operation that is begun; what the reconciler begins is told from it at a glance. */
const NewId = z
  .string()
  .regex(/^[A-Za-z0-9][\w.:-]{0,79}$/, "is no id: letters, digits and ._:- , at most 80")
  .regex(/^(?!reconcile-|return-)/, "begins as what the reconciler begins");

/** Of any operation; a part of a larger one has its stack in its id. */
export const OperationId = z.string().regex(/^[A-Za-z0-9][\w.:/~-]{0,399}$/, "is no id of an operation");

/** Of a stack or a node. */
export const Address = z.string().regex(/^[\w./~-]{1,400}$/, "is no address of a stack or a node");

const FileShape = z.object({ path: z.string().max(1024), text: z.string().max(2_000_000) });

export const FleetFiles = z.object({ files: z.array(FileShape).min(1).max(5000) });

export const Health = z.object({
  status: z.literal("serving"),
  version: z.string(),
  /** Tells builds of one version apart; missing of an older server. */
  build: z.string().optional(),
  /** Raised when a newer client must not talk to an older server. */
  protocol: z.number().int(),
  fleet: z.string(),
  instance: z.string(),
  pid: z.number().int(),
  engine: z.string(),
  /** The zone of the fleet's first calendar, in which times are shown; absent before anything was applied. */
  zone: z.string().optional(),
});
export type Health = z.infer<typeof Health>;

export const PlannedChange = z.object({
  node: z.string(),
  kind: z.string(),
  verb: z.enum(["create", "update", "replace", "start", "remove", "keep"]),
  because: z.array(z.string()),
  from: z.string().optional(),
  impact: z.object({
    interruption: z.enum(["none", "closed"]),
    closedSeconds: z.number(),
    irreversible: z.boolean(),
    says: z.string(),
  }),
  /** Of what is made: the rest of its stack is there, so it is missing and not new; false, or missing, of all else. */
  missing: z.boolean().optional(),
  /** Why and until when it waits, where it does. */
  held: z.object({ until: z.string().optional(), because: z.string() }).optional(),
});
export type PlannedChange = z.infer<typeof PlannedChange>;

export const PlannedStack = z.object({
  stack: z.string(),
  role: z.enum(["environment", "pool", "platform", "undeclared"]),
  changes: z.array(PlannedChange),
  /** Of a former name: the stack that takes over its data. */
  renamedTo: z.string().optional(),
  /** Declared as closed to everybody. */
  suspended: z.literal(true).optional(),
  /** Of one that is no longer declared: until when its data is kept, ISO 8601. */
  keptUntil: z.string().optional(),
  /** Its data is there: it was suspended, or nobody declared it for a while. In words for people; missing of an older server. */
  returns: z.object({ how: z.enum(["resumed", "declared again"]), says: z.string() }).optional(),
  unknown: z.array(ProblemShape),
});
export type PlannedStack = z.infer<typeof PlannedStack>;

export const FleetPlan = z.object({
  fleet: z.string(),
  /** Content hash of the files that were planned. */
  revision: z.string(),
  /** The zone in which times are shown. */
  stacks: z.array(PlannedStack),
  notes: z.array(z.string()),
  /** What must be answered before it is applied: which productions are closed, and whether a tenant has another name; missing of an older server. */
  questions: z.array(ProblemShape).optional(),
  /** Of the guardrails; missing of an older server. Errors refuse the same files when they are applied. */
  findings: z.array(FindingShape).default([]),
});
export type FleetPlan = z.infer<typeof FleetPlan>;

export const StartOperation = z.discriminatedUnion("verb", [
  z.object({
    verb: z.literal("apply"),
    id: NewId,
    actor: Words.max(200),
    files: FleetFiles.shape.files,
    /** Stacks whose lost data is given up: it is recreated, empty. */
    recreate: z.array(Words.max(200)).max(50).optional(),
    /** Stacks whose data was replaced by somebody who knows why: it counts as theirs from now on. */
    adopt: z.array(Words.max(200)).max(50).optional(),
    override: z.object({ reason: Lines.min(1).max(1000) }).optional(),
    /** The fleet's name, where several productions or all of them are closed; addresses whose data goes to another owner. Several with commas between. */
    confirmed: Words.max(10_000).optional(),
    /** Tenants that take over nobody's data, though they look as if they did. */
    reallyNew: z.array(Words.max(60)).max(100).optional(),
  }),
  z.object({
    verb: z.literal("remove"),
    id: NewId,
    actor: Words.max(200),
    confirmed: Words.max(200).optional(),
    stack: Address.optional(),
  }),
  z.object({
    verb: z.literal("journey"),
    id: NewId,
    actor: Words.max(200),
    stack: Address,
    /** `reading`: only the steps that leave nothing behind. All of them when missing. */
    steps: z.enum(["all", "reading"]).optional(),
  }),
  z.object({
    verb: z.literal("rotate"),
    id: NewId,
    actor: Words.max(200),
    /** One stack; all of them when missing. */
    stack: Address.optional(),
    /** Names of secrets, certificates, authorities; what people need not be told of when missing. */
    only: z.array(Words.max(60)).max(50).optional(),
    override: z.object({ reason: Lines.min(1).max(1000) }).optional(),
  }),
  z.object({
    verb: z.literal("stop"),
    id: NewId,
    actor: Words.max(200),
    /** The fleet's name and why, where production is closed by it. */
    confirmed: Words.max(200).optional(),
    reason: Lines.max(1000).optional(),
  }),
]);
export type StartOperation = z.infer<typeof StartOperation>;

export const OperationShape = z.object({
  id: z.string(),
  verb: z.string(),
  stack: z.string().nullable(),
  parent: z.string().nullable(),
  state: z.enum(["running", "done", "held", "refused", "failed"]),
  actor: z.string(),
  result: z.record(z.string(), z.unknown()).nullable(),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
});
export type OperationShape = z.infer<typeof OperationShape>;

export const OperationEventShape = z.object({
  seq: z.number().int(),
  operation: z.string(),
  at: z.string(),
  kind: z.string(),
  subject: z.string(),
  text: z.string(),
});
export type OperationEventShape = z.infer<typeof OperationEventShape>;

export const DriftShape = z.object({
  node: z.string(),
  /** `pending`: asked for and not carried out yet. All others happened behind Ballast's back. */
  kind: z.enum(["missing", "stopped", "failing", "edited", "foreign", "undeclared", "pending"]),
  says: z.string(),
});

/** One line of the ledger: who did or decided what, and why. */
export const DecisionShape = z.object({
  at: z.string(),
  actor: z.string(),
  act: z.string(),
  subject: z.string(),
  reasons: z.array(z.string()),
});
export type DecisionShape = z.infer<typeof DecisionShape>;

/** Who tried to get out past what is declared, in the last seven days. */
export const TriedShape = z.object({ source: z.string(), target: z.string(), times: z.number().int(), lastAt: z.string() });

export const StackStatus = z.object({
  stack: z.string(),
  state: z.enum(["serving", "degraded", "down", "unknown", "stopped", "suspended", "undeclared"]),
  because: z.array(z.string()),
  nodes: z.array(z.object({ node: z.string(), kind: z.string(), condition: z.string(), because: z.string().optional() })),
  url: z.string().optional(),
  /** Of one that is no longer declared: until when its data is kept, ISO 8601. */
  keptUntil: z.string().optional(),
  /** Declared as renamed, and not begun: the former name, which serves until its window. Then `suspended` is not what the fleet declares. */
  waitsFor: z.string().optional(),
  /** The operation that changes it at this moment. */
  changing: z.string().optional(),
  /** Everything in which reality differs from what was applied, field by field. */
  drift: z.array(DriftShape),
  /** The latest first; missing where nobody did, and of an older server. */
  tried: z.array(TriedShape).optional(),
});
export type StackStatus = z.infer<typeof StackStatus>;

export const FleetStatus = z.object({
  fleet: z.string(),
  asOf: z.string(),
  stacks: z.array(StackStatus),
  notes: z.array(z.string()),
  /** Whether anything was ever applied; missing of an older server. */
  applied: z.boolean().optional(),
  /** What is known to hold data, whether it can be seen at this moment or not; missing of an older server. */
  holdsData: z.array(z.object({ stack: z.string(), node: z.string(), kind: z.string() })).optional(),
});
export type FleetStatus = z.infer<typeof FleetStatus>;

export const LogLineShape = z.object({ node: z.string(), at: z.string(), text: z.string() });

/** RFC 9457, with the problems that a client may show. */
export const ProblemDocument = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  problems: z.array(ProblemShape),
});

/** The protocol of this version; see Health. */
export const PROTOCOL = 1;
