import type { FleetStatus, StackStatus } from "../../api/contract/contract.ts";
import { EXIT, type Exit } from "../exit.ts";
import { remedyFor } from "../fleet/fleet-in-remedies.ts";
import { type Colours } from "../terminal/style.ts";
import { laidOut, table, wrapped } from "../terminal/table.ts";
import { oneLine } from "../terminal/terminal.ts";

const SHOWN_TRIES = 2;

interface How {
  readonly colours: Colours;
  readonly aligned: boolean;
  /** What names the fleet in commands, where they would not find it unnamed. */
  readonly fleet?: string | undefined;
  /** Of the terminal, where there is one: a narrow one gets what does not fit below. */
  readonly columns?: number;
}

/** One line a stack: its state, why or where, drift, and where to look next. */
export function renderStatus(status: FleetStatus, how: How & { readonly asOf: string; readonly detailed: boolean }): string {
  const { colours } = how;
  const lines =
    status.stacks.length === 0
      ? []
      : [
          table(
            status.stacks.map((stack) => rowOf(stack, how)),
            how.aligned,
            how.columns,
          ),
        ];
  if (how.detailed) lines.push(...status.stacks.map((stack) => nodesOf(stack, how)));
  lines.push(...status.stacks.flatMap((stack) => triedIn(stack, how)));
  const notes = status.notes.map((note) => wrapped(`note: ${oneLine(note)}`, how.columns));
  return [...lines, colours.dim(`as of ${how.asOf}`), ...notes.map(colours.dim)].join("\n");
}

function rowOf(stack: StackStatus, { colours, fleet }: How): readonly string[] {
  const { state } = stack;
  const paint =
    state === "serving"
      ? colours.green
      : state === "stopped" || state === "suspended" || state === "undeclared"
        ? colours.dim
        : colours.red;
  const drift = driftWords(stack);
  const why = stack.because.length > 1 ? `${stack.because[0]} (and ${stack.because.length - 1} more)` : stack.because[0];
  const wrong = state === "degraded" || state === "down" || state === "unknown";
  return [
    stack.stack,
    paint(stack.waitsFor === undefined ? state : "waiting"),
    why ?? stack.url ?? "",
    drift,
    wrong ? `→ ${remedyFor(fleet, `./ballast why ${stack.stack}`)}` : "",
  ];
}

/** Beside the state, whose own reason names what is missing, stopped or failing. */
function driftWords(stack: StackStatus): string {
  const changed = stack.drift.filter((one) => one.kind === "edited" || one.kind === "foreign" || one.kind === "undeclared");
  const pending = stack.drift.filter((one) => one.kind === "pending").length;
  const words =
    changed.length === 0 ? undrifted(stack) : `drift ${changed.map((one) => `${local(stack, one.node)} ${one.says}`).join("; ")}`;
  if (stack.changing !== undefined) return `${words}, operation ${stack.changing} changes it now`;
  return pending === 0 ? words : `${words}, ${pending} ${pending === 1 ? "part" : "parts"} not carried out yet`;
}

/** Nothing was changed by hand. What is away is no less drift for that, and what could not be looked at is not known to be none. */
function undrifted({ state, drift }: StackStatus): string {
  const kinds = state === "stopped" ? [] : (["missing", "stopped", "failing"] as const);
  const away = kinds.flatMap((kind) => {
    const count = drift.filter((one) => one.kind === kind).length;
    return count === 0 ? [] : [`${count} ${kind}`];
  });
  if (away.length > 0) return `drift ${away.join(", ")}`;
  return state === "unknown" ? "drift unknown" : "drift none";
}

function nodesOf(stack: StackStatus, how: How): string {
  return table(
    stack.nodes.map((node) => [`  ${local(stack, node.node)}`, node.kind, node.condition, node.because ?? ""]),
    how.aligned,
    how.columns,
  );
}

/** The latest tries to get out; all that are kept where one stack was asked for. */
function triedIn({ stack, tried = [] }: StackStatus, how: How & { readonly detailed: boolean }): readonly string[] {
  const shown = tried.slice(0, how.detailed ? tried.length : SHOWN_TRIES);
  const more = tried.length - shown.length;
  return [
    ...shown.map(({ source, target, times, lastAt }) => {
      const often = `${times} ${times === 1 ? "time" : "times"}`;
      const cells = [stack, how.colours.red("refused"), `${source} was denied egress to ${target}, ${often}, last ${lastAt.slice(0, 16)}Z`];
      return laidOut([cells], how.columns).join("\n");
    }),
    ...(more === 0 ? [] : [`${stack}  and ${more} more: ./ballast status ${stack}`]),
  ];
}

function local(stack: StackStatus, node: string): string {
  return node.startsWith(`${stack.stack}/`) ? node.slice(stack.stack.length + 1) : node;
}

/** What is known to be wrong decides; only where nothing is, not knowing does. */
export function exitOfStatus(status: Pick<FleetStatus, "stacks">): Exit {
  const states = new Set(status.stacks.map((stack) => stack.state));
  if (states.has("down") || states.has("degraded") || states.has("stopped")) return EXIT.no;
  return states.has("unknown") ? EXIT.unknown : EXIT.done;
}
