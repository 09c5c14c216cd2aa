import type { Why } from "../../domain/why/answer.ts";
import { type Colours } from "../terminal/style.ts";
import { table } from "../terminal/table.ts";
import { oneLine } from "../terminal/terminal.ts";

/** The answer first, then what it rests on, then what to do. */
export function renderWhy({ says, because, repair, next }: Why, how: { readonly colours: Colours; readonly aligned: boolean }): string {
  const { colours, aligned } = how;
  const rows = because.map(({ text, rule, at }) => [
    "  because",
    text,
    colours.dim([rule, at].filter((one) => one !== undefined).join(" · ")),
  ]);
  return [
    colours.bold(oneLine(says)),
    ...(rows.length === 0 ? [] : [table(rows, aligned)]),
    ...repair.map((remedy) => `  to repair  ${oneLine(remedy)}`),
    ...next.map((command) => colours.dim(`  → ${oneLine(command.startsWith("ballast ") ? `./${command}` : command)}`)),
  ].join("\n");
}
