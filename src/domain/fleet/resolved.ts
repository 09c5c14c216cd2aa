import type { Calendar } from "../calendar/calendar.ts";
import type { Pool, Region } from "./model.ts";
import type { Tiers } from "./tiers.ts";

/** What is already resolved, by name. */
export interface Resolved {
  readonly domain: string;
  readonly regions: ReadonlyMap<string, Region>;
  readonly calendars: ReadonlyMap<string, Calendar>;
  readonly tiers: Tiers;
  readonly pools: ReadonlyMap<string, Pool>;
}
