import { setTimeout as sleep } from "node:timers/promises";
import type { LaunchedFleet } from "./launched-fleet.ts";
import { clerkAt } from "./orders.ts";

/** One request that did not get what it asked for. */
export interface Failed {
  /** ISO 8601. */
  readonly at: string;
  readonly asked: string;
  readonly said: string;
  readonly afterMs: number;
}

export interface LoopCount {
  readonly requests: number;
  readonly failed: readonly Failed[];
  readonly slowestMs: number;
}

export interface NeighbourLoop {
  /** Ends after the request that is under way, and tells what came of all of them. */
  stop(): Promise<LoopCount>;
}

const EVERY_MS = 1000;

/**
 * Somebody who works in an environment while something happens to others: a page, and an order that is made and confirmed, each second, over HTTPS through
 * the ingress with its certificate checked. Every request counts; one that fails is told with its time and reason.
 */
export async function startLoop(fleet: LaunchedFleet, environment: string, everyMs = EVERY_MS): Promise<NeighbourLoop> {
  // Signs in, and enters the first order, which also makes the customer: a loop that does not run at rest proves nothing.
  const clerk = await clerkAt(fleet, environment, 0);
  const first = await clerk.enter();
  if (first.confirmed === undefined) throw new Error(`${environment} takes no order before anything happens: ${first.said}`);
  const failed: Failed[] = [];
  let requests = 0;
  let slowestMs = 0;
  let over = false;
  async function count(asked: string, weight: number, act: () => Promise<string>): Promise<void> {
    const at = new Date().toISOString();
    const began = performance.now();
    const said = await act().catch((error: Error) => `no answer: ${error.message}`);
    const afterMs = Math.round(performance.now() - began);
    requests += weight;
    slowestMs = Math.max(slowestMs, afterMs);
    if (said !== "200") failed.push({ at, asked, said, afterMs });
  }
  async function run(): Promise<void> {
    for (let next = performance.now(); !over; next += everyMs) {
      await count("page", 1, async () => String((await fleet.ask(environment, "/web/login", { seconds: 30 })).status));
      // Made, then confirmed: two requests.
      await count("order", 2, async () => (await clerk.enter()).said);
      await sleep(Math.max(0, next + everyMs - performance.now()));
    }
  }
  const running = run();
  return {
    async stop() {
      over = true;
      await running;
      return { requests, failed, slowestMs };
    },
  };
}

/** What the loops of several environments tell together while something happens. */
export async function besideLoops(
  fleet: LaunchedFleet,
  environments: readonly string[],
  happening: () => Promise<void>,
): Promise<LoopCount> {
  const loops = await Promise.all(environments.map((one) => startLoop(fleet, one)));
  const counts: LoopCount[] = [];
  try {
    await happening();
  } finally {
    counts.push(...(await Promise.all(loops.map((loop) => loop.stop()))));
  }
  return {
    requests: counts.reduce((sum, one) => sum + one.requests, 0),
    failed: counts.flatMap((one) => one.failed),
    slowestMs: Math.max(...counts.map((one) => one.slowestMs)),
  };
}
