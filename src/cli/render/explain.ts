import type { Effective, Source } from "../../domain/fleet/model.ts";
import { type Colours } from "../terminal/style.ts";
import { table } from "../terminal/table.ts";

/** Field, value and source, one line each. */
export function renderExplain(values: readonly Effective[], how: { colours: Colours; aligned: boolean }): string {
  const { colours } = how;
  const rows = values.map((value) => {
    const because = value.because === undefined ? "" : ` (${value.because})`;
    return [value.field, value.value, colours.dim(`${sourceText(value.source)}${because}`)];
  });
  return table([["FIELD", "VALUE", "SOURCE"].map((title) => colours.bold(title)), ...rows], how.aligned);
}

export function sourceText(source: Source): string {
  switch (source.kind) {
    case "file":
      return source.at;
    case "tier":
      return source.at === undefined ? `tier ${source.tier}` : `tier ${source.tier}, ${source.at}`;
    case "pool":
      return `pool ${source.pool}`;
    case "fleet":
      return source.at === undefined ? "fleet" : `fleet, ${source.at}`;
    case "default":
      return "default";
    default:
      return source satisfies never;
  }
}
