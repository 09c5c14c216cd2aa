import type { OperationEventShape, OperationShape } from "../../api/contract/contract.ts";
import type { ApplyResultShape, ConvergeResultShape, JourneyResultShape } from "../../api/contract/results.ts";
import { formatInstant } from "../../domain/calendar/format.ts";
import { type Colours, counted, lasting } from "../terminal/style.ts";
import { table } from "../terminal/table.ts";
import { oneLine } from "../terminal/terminal.ts";
import { countsOfResult, countWords } from "./counts.ts";

/** A summary of an apply: what changed, what waits and until when, what failed; the verdict last. */
export function renderApply(result: ApplyResultShape, colours: Colours): string {
  const told = result.stacks.filter((stack) => stack.changed.length > 0 || stack.state !== "done");
  const rows = told.map((stack) => [`${markOf(stack, colours)} ${stack.stack}`, wordsOf(stack)]);
  const held = result.stacks.flatMap((stack) =>
    stack.held.map((part) => oneLine(`  ${part.node}  held${part.until === undefined ? "" : ` until ${part.until}`}: ${part.because}`)),
  );
  return [...(rows.length === 0 ? [] : [table(rows, true)]), ...held, verdict(result)].join("\n");
}

function markOf(stack: ConvergeResultShape, colours: Colours): string {
  if (stack.state === "done") return colours.green("✔");
  return stack.state === "held" ? colours.yellow("…") : colours.red("✘");
}

function wordsOf(stack: ConvergeResultShape): string {
  const changed = stack.changed.length === 0 ? [] : [`${counted(stack.changed.length, "change")} made`];
  if (stack.state === "held") return [...changed, `${counted(stack.held.length, "part")} held`].join(", ");
  return stack.state === "done" ? changed.join("") : [stack.state, ...changed].join(", ");
}

function verdict(result: ApplyResultShape): string {
  const counts = countsOfResult(result.stacks);
  const failed = result.stacks.filter((stack) => !["done", "held"].includes(stack.state)).length;
  if (counts.changes === 0 && counts.held === 0 && failed === 0 && result.problems.length === 0)
    return "nothing differs; nothing was changed.";
  const words = [countWords(counts, " made"), ...(failed === 0 ? [] : [`${counted(failed, "stack")} not brought up`])];
  return `${result.state}: ${words.join(", ")}.`;
}

export function renderJourney(stack: string, result: JourneyResultShape, colours: Colours): string {
  const done = result.state === "done";
  const steps = [...result.reading, ...result.full];
  const head = `${done ? colours.green("✔") : colours.red("✘")} journey ${stack}  ${counted(steps.length, "step")} passed`;
  const rows = [
    ...result.reading.map((step) => ["  on itself", step.step, `${step.seconds.toFixed(1)} s`, step.saw]),
    ...result.full.map((step) => ["  on a clone", step.step, `${step.seconds.toFixed(1)} s`, step.saw]),
  ];
  return rows.length === 0 ? head : `${head}\n${table(rows, true)}`;
}

export function renderOperations(items: readonly OperationShape[], how: { zone: string; aligned: boolean; now: number }): string {
  if (items.length === 0) return "no operations yet";
  return table(
    items.map((item) => rowOf(item, how)),
    how.aligned,
  );
}

function rowOf(item: OperationShape, { zone, now }: { zone: string; now: number }): readonly string[] {
  const began = Date.parse(item.createdAt);
  const took = lasting((item.finishedAt === null ? now : Date.parse(item.finishedAt)) - began);
  const span = item.finishedAt === null ? `for ${took}` : `in ${took}`;
  return [item.id, item.verb, item.state, formatInstant(zone, began), span, item.stack ?? "", item.actor];
}

export function renderOperation(
  shown: { operation: OperationShape; parts: readonly OperationShape[]; events: readonly OperationEventShape[] },
  how: { zone: string; aligned: boolean; now: number },
): string {
  const events = shown.events.map((event) => [`  ${timeIn(how.zone, event.at)}`, event.subject, event.text]);
  return [
    renderOperations([shown.operation], how),
    ...(shown.parts.length === 0
      ? []
      : [
          table(
            shown.parts.map((part) => [`  ${part.stack ?? part.id}`, part.state, part.id]),
            how.aligned,
          ),
        ]),
    ...(events.length === 0 ? [] : [table(events, how.aligned)]),
  ].join("\n");
}

/** `03:01:10`, on the wall clock of a zone. */
export function timeIn(zone: string, at: string): string {
  return new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeStyle: "medium" }).format(Date.parse(at));
}
