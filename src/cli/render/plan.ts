import type { FleetPlan, PlannedChange, PlannedStack } from "../../api/contract/contract.ts";
import { nameToType } from "../../domain/stack/node.ts";
import { LOST } from "../../domain/stack/taken-places.ts";
import { toProblems } from "../server/wire.ts";
import { type Colours, counted, listed } from "../terminal/style.ts";
import { laidOut, wrapped } from "../terminal/table.ts";
import { oneLine } from "../terminal/terminal.ts";
import { countsOfPlan, countWords } from "./counts.ts";
import { renderProblems } from "./problems.ts";

type Fate = "create" | "change" | "close" | "delete" | "unknown";

const MARKS: Readonly<Record<Fate, string>> = { create: "+", change: "~", close: "!", delete: "-", unknown: "?" };
const NODE_MARKS: Readonly<Record<PlannedChange["verb"], string>> = {
  create: "+",
  update: "~",
  replace: "~",
  start: "~",
  remove: "-",
  keep: "=",
};

/** Whether applying it would do anything; what is only kept does not count. */
export function differs(stack: PlannedStack): boolean {
  return stack.unknown.length > 0 || stack.changes.some((change) => change.verb !== "keep");
}

/** Only the differences, then the verdict, then what to know beside it. */
export function renderPlan(plan: FleetPlan, colours: Colours, columns?: number): string {
  const different = plan.stacks.filter(differs);
  const kept = plan.stacks.filter((stack) => stack.role === "undeclared" && !differs(stack) && stack.changes.length > 0);
  const back = plan.stacks.filter((stack) => stack.returns !== undefined && (!differs(stack) || fateOf(stack) === "unknown"));
  const notes = [
    ...back.map(({ stack, returns }) => `${stack} is ${returns?.says}`),
    ...kept.map((stack) => `${stack.stack} is no longer declared; ${keptWords(stack)}`),
    ...plan.notes,
  ];
  const verdict = different.length === 0 ? `nothing differs: ${ofAll(plan.stacks)} as declared` : summary(different);
  const findings = plan.findings.length === 0 ? [] : [renderProblems(toProblems(plan.findings), colours, columns)];
  const questions = (plan.questions ?? []).length === 0 ? [] : [renderProblems(toProblems(plan.questions ?? []), colours, columns)];
  return [
    ...block(different, colours, columns),
    wrapped(verdict, columns),
    ...questions,
    ...findings,
    ...notes.map((note) => colours.dim(wrapped(`note: ${oneLine(note)}`, columns))),
  ].join("\n");
}

function ofAll(stacks: readonly PlannedStack[]): string {
  const declared = stacks.filter((stack) => stack.role !== "undeclared");
  return `${counts(declared)} ${declared.length === 1 ? "is" : "are"}`;
}

function fateOf(stack: PlannedStack): Fate {
  const isStopped = stack.unknown.some((problem) => problem.severity === "error");
  if (isStopped || (stack.unknown.length > 0 && stack.changes.length === 0)) return "unknown";
  const acting = stack.changes.filter((change) => change.verb !== "keep");
  if (acting.some((change) => change.verb === "remove" && change.impact.irreversible)) return "delete";
  if (stack.role === "undeclared" || closesBySuspension(stack)) return "close";
  return stack.changes.every(isNew) && stack.returns === undefined ? "create" : "change";
}

/** Made with its stack: what is missing from a stack that is there makes no new one of it. */
function isNew({ verb, missing }: PlannedChange): boolean {
  return verb === "create" && missing !== true;
}

/** Suspended, and something of it still serves. */
function closesBySuspension({ suspended, changes }: PlannedStack): boolean {
  return suspended === true && changes.some((change) => change.verb === "remove" && change.impact.interruption === "closed");
}

interface Row {
  readonly mark: Fate | undefined;
  readonly head: string;
  readonly cells: readonly string[];
}

function block(stacks: readonly PlannedStack[], colours: Colours, columns: number | undefined): string[] {
  const rows = stacks.flatMap(rowsOf);
  const paint = { create: colours.green, change: colours.yellow, close: colours.magenta, delete: colours.red, unknown: colours.red };
  const lines = laidOut(
    rows.map((row) => [row.head, ...row.cells]),
    columns,
  );
  return rows.map(({ mark }, index) => {
    const line = lines[index] ?? "";
    return mark === undefined ? line : `${paint[mark](line.slice(0, 1))}${line.slice(1)}`;
  });
}

function rowsOf(stack: PlannedStack): Row[] {
  const fate = fateOf(stack);
  const head = `${MARKS[fate]} ${stack.stack}`;
  const acting = stack.changes.filter((change) => change.verb !== "keep");
  switch (fate) {
    case "create":
      return [{ mark: fate, head, cells: [`new${placed(acting[0]?.from)}`, parts(acting), heldWords(acting)] }];
    case "close":
      if (stack.renamedTo !== undefined) {
        const words = `renamed to ${stack.renamedTo}, which takes over its data and passwords`;
        const waits = heldWords(acting);
        return [{ mark: fate, head, cells: [words, `closed for some seconds${waits === "" ? "" : `; ${waits}`}`] }];
      }
      return [{ mark: fate, head, cells: [whyClosed(stack), closingWords(stack, acting)] }];
    case "unknown":
      return [{ mark: fate, head, cells: [unjudgedWords(stack)] }, ...toldRows(stack)];
    case "change":
    case "delete":
      return changedRows(stack, { mark: fate, head, cells: [] });
    default:
      return fate satisfies never;
  }
}

/** What is only made of a stack that returns is one line, as of a new one. */
function changedRows(stack: PlannedStack, row: Row): Row[] {
  const acting = stack.changes.filter((change) => change.verb !== "keep");
  const says = stack.returns === undefined ? [] : [stack.returns.says];
  if (says.length > 0 && acting.every(({ verb }) => verb === "create"))
    return [{ ...row, cells: [...says, parts(acting), heldWords(acting)] }, ...toldRows(stack)];
  return [{ ...row, cells: says }, ...acting.map((change) => nodeRow(stack, change)), ...toldRows(stack)];
}

function hasLost(stack: PlannedStack): boolean {
  return stack.unknown.some(({ code }) => code === LOST);
}

function unjudgedWords(stack: PlannedStack): string {
  if (hasLost(stack)) return "has lost data, and is left as it is";
  return stack.unknown.some((problem) => problem.severity === "error") ? "cannot be judged" : "is not as it was made";
}

/** Each with its code, which `ballast why` explains, and with what can be done. */
function toldRows(stack: PlannedStack): readonly Row[] {
  return stack.unknown.flatMap(({ at, code, message, hint }) => [
    { mark: undefined, head: `    ${local(stack, at)}`, cells: [`${code} ${message}`] },
    ...(hint === undefined ? [] : [{ mark: undefined, head: "", cells: [`→ ${hint}`] }]),
  ]);
}

function whyClosed({ suspended }: PlannedStack): string {
  return suspended === true ? "suspended" : "no longer declared";
}

/** `odoo, route closed now; data kept …`, or until when that waits. */
function closingWords(stack: PlannedStack, acting: readonly PlannedChange[]): string {
  const waits = heldWords(acting);
  const kept = stack.suspended === true ? "data kept" : keptWords(stack);
  return waits === "" ? `${parts(acting)} closed now; ${kept}` : `${parts(acting)} closed in its window: ${waits}; ${kept}`;
}

function keptWords({ stack, keptUntil }: PlannedStack): string {
  const until = keptUntil === undefined ? "" : ` until ${keptUntil.slice(0, 10)}`;
  return `data kept${until}; deleting needs --confirm ${nameToType(stack)}`;
}

function nodeRow(stack: PlannedStack, change: PlannedChange): Row {
  const why = change.because.join("; ");
  const impact = change.impact.irreversible ? `${change.impact.says} (cannot be undone)` : change.impact.says;
  return {
    mark: undefined,
    head: `    ${NODE_MARKS[change.verb]} ${local(stack, change.node)}`,
    cells: [`${why}${placed(change.from)}`, [impact, heldUntil(change)].filter((text) => text !== "").join("; ")],
  };
}

function local(stack: PlannedStack, node: string): string {
  return node.startsWith(`${stack.stack}/`) ? node.slice(stack.stack.length + 1) : node;
}

/** `fleet.yaml:58:9` → ` (fleet.yaml:58)`. */
function placed(from: string | undefined): string {
  if (from === undefined) return "";
  return ` (${from.replace(/^(.*:\d+):\d+$/, "$1")})`;
}

function heldUntil(change: PlannedChange): string {
  if (change.held === undefined) return "";
  return `held${change.held.until === undefined ? "" : ` until ${change.held.until}`} (${change.held.because})`;
}

function heldWords(changes: readonly PlannedChange[]): string {
  return changes.map(heldUntil).find((text) => text !== "") ?? "";
}

/** `4 secrets, database, odoo`. */
function parts(changes: readonly PlannedChange[]): string {
  const kinds = new Map<string, number>();
  for (const change of changes) kinds.set(change.kind, (kinds.get(change.kind) ?? 0) + 1);
  return [...kinds].map(([kind, count]) => (count === 1 ? kind : `${count} ${plural(kind)}`)).join(", ");
}

function plural(kind: string): string {
  return kind.endsWith("y") ? `${kind.slice(0, -1)}ies` : `${kind}s`;
}

/** `3 environments and 1 pool`. */
function counts(stacks: readonly PlannedStack[]): string {
  const of = (role: PlannedStack["role"]) => stacks.filter((stack) => stack.role === role).length;
  const environments = of("environment") + of("undeclared");
  const named = [
    [environments, "environment"],
    [of("pool"), "pool"],
    [of("platform"), "platform"],
  ] as const;
  return listed(named.flatMap(([count, word]) => (count === 0 ? [] : [counted(count, word)])));
}

function summary(stacks: readonly PlannedStack[]): string {
  const fates = stacks.map(fateOf);
  const of = (fate: Fate) => fates.filter((one) => one === fate).length;
  const all = stacks.flatMap((stack) => stack.changes);
  const held = (fate: Fate) => {
    const count = countsOfPlan(stacks.filter((_, index) => fates[index] === fate)).held;
    return count === 0 ? "" : ` (${counted(count, "part")} held)`;
  };
  const now = countsOfPlan(stacks);
  const without = stacks.filter((stack, index) => fates[index] === "unknown" && hasLost(stack)).length;
  // In the words of an apply, which says the same of what it did.
  const meanwhile = now.held === 0 ? "" : ` · now: ${countWords(now, "")}`;
  const says = [
    `${of("change")} to change${held("change")}`,
    `${of("create")} to create${held("create")}`,
    `${of("close")} to close${held("close")}`,
    `${of("delete")} to delete`,
    ...(without === 0 ? [] : [`${without} with lost data`]),
    ...(of("unknown") === without ? [] : [`${of("unknown") - without} that cannot be judged`]),
  ];
  const lost = all.filter((change) => change.impact.irreversible && change.verb !== "keep").length;
  return `${counts(stacks)}: ${says.join(", ")} · ${lost === 0 ? "nothing irreversible" : `${counted(lost, "change")} cannot be undone`}${meanwhile}`;
}
