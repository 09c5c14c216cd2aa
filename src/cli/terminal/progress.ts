import type { OperationEventShape } from "../../api/contract/contract.ts";
import type { CliContext } from "../port.ts";
import { type Colours, lasting, mayRedraw } from "./style.ts";
import { oneLine, print, terminalCode } from "./terminal.ts";

/** Shows on stderr how an operation gets on. */
export interface Progress {
  tell(event: OperationEventShape): void;
  /** What is to be known of the following itself, and is said until something else happens. */
  note(text: string): void;
  /** Clears what was drawn; called once, however it ended. */
  stop(): void;
}

const HEARTBEAT_MS = 30_000;
const REDRAW_MS = 120;
const ENDS = new Set(["done", "held", "refused", "failed", "unknown"]);

export function progressOn(context: CliContext, colours: Colours, plain: boolean): Progress {
  return mayRedraw(context.env, context.stderr, plain) ? livingLines(context, colours) : linesByStep(context);
}

/** A line a step, and a sign of life where nothing was said for long. */
function linesByStep(context: CliContext): Progress {
  const began = context.now();
  let last = "";
  const beat = () =>
    print(context.stderr, `still running after ${lasting(context.now() - began)}${last === "" ? "" : `; last: ${last}`}\n`);
  let timer = setInterval(beat, HEARTBEAT_MS);
  function note(text: string): void {
    last = oneLine(text);
    print(context.stderr, `${last}\n`);
    clearInterval(timer);
    timer = setInterval(beat, HEARTBEAT_MS);
  }
  return {
    tell(event) {
      if (event.text !== "") note(`${event.subject}  ${event.text}`);
    },
    note,
    stop: () => clearInterval(timer),
  };
}

/** The row of what is said of the following itself. */
const FOLLOWING = "control plane";

interface Row {
  readonly began: number;
  text: string;
  ended?: string;
}

/** One line a stack, redrawn in place; stacks that are through move up and stay. */
function livingLines(context: CliContext, colours: Colours): Progress {
  const rows = new Map<string, Row>();
  let drawn = 0;
  const { stderr } = context;
  function clear(): void {
    if (drawn > 0) print(stderr, `${terminalCode(`${drawn}A`)}${terminalCode("0J")}`);
    drawn = 0;
  }
  function draw(): void {
    clear();
    for (const [stack, row] of rows) {
      if (row.ended === undefined) continue;
      print(stderr, `${finished(stack, row, context.now(), colours)}\n`);
      rows.delete(stack);
    }
    const room = Math.max(1, (stderr.rows ?? 24) - 3);
    for (const [stack, row] of [...rows].slice(0, room)) {
      print(stderr, `${fitted(` … ${stack}  ${lasting(context.now() - row.began)}  ${row.text}`, stderr.columns ?? 80)}\n`);
      drawn += 1;
    }
  }
  const timer = setInterval(draw, REDRAW_MS);
  return {
    tell(event) {
      if (event.kind === "end") return;
      const key = oneLine(ENDS.has(event.kind) ? event.subject : stackOfSubject(event.subject));
      const row = rows.get(key) ?? { began: context.now(), text: "" };
      row.text = oneLine(event.subject === key ? event.text : `${event.subject.slice(key.length + 1)} ${event.text}`);
      if (ENDS.has(event.kind)) row.ended = event.kind;
      rows.set(key, row);
      rows.delete(FOLLOWING);
    },
    note: (text) => void rows.set(FOLLOWING, { began: context.now(), text: oneLine(text) }),
    stop() {
      clearInterval(timer);
      draw();
      clear();
    },
  };
}

/** `central/production/odoo` → `central/production`; `images` stays. */
function stackOfSubject(subject: string): string {
  return subject.split("/").slice(0, 2).join("/");
}

function finished(stack: string, row: Row, now: number, colours: Colours): string {
  const mark = row.ended === "done" ? colours.green("✔") : row.ended === "held" ? colours.yellow("…") : colours.red("✘");
  return ` ${mark} ${stack}  ${lasting(now - row.began)}  ${row.text}`;
}

function fitted(line: string, columns: number): string {
  return line.length < columns ? line : `${line.slice(0, Math.max(1, columns - 2))}…`;
}
