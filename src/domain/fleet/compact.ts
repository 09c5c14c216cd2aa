import type { Sizes } from "./model.ts";

/** Below this many web processes, and with nothing else of its own, one threaded process does all. */
export const SPLIT_FROM = 3;

/** Numbers of processes by role, as far as they decide the form. */
export interface Counts {
  readonly web: Pick<Sizes["web"], "processes">;
  readonly jobs: Pick<Sizes["jobs"], "slots">;
  readonly report: Pick<Sizes["report"], "processes">;
  readonly integration: Pick<Sizes["integration"], "processes">;
}

/** True where one threaded process does web, websocket and cron: what a small tenant needs, in a third of the memory. */
export function isCompact({ web, jobs, report, integration }: Counts): boolean {
  return web.processes < SPLIT_FROM && jobs.slots === 0 && report.processes === 0 && integration.processes === 0;
}
