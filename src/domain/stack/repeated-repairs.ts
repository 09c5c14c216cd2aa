import type { Instant } from "../../kernel/instant.ts";
import type { Drift } from "./drift.ts";
import type { NodeId } from "./node.ts";
import { isTold } from "./shared-server.ts";

/** How often one thing of a stack happened within a day, by node and field. */
export type Counts = Readonly<Record<string, { readonly node: NodeId; readonly times: number; readonly lastAt: Instant }>>;

export const NO_COUNTS: Counts = {};

const MINUTE = 60_000;
/** After a day without it, it is news again. */
const DAY = 24 * 60 * MINUTE;
/** So often the same is put right at once: somebody who makes a mistake makes it again. */
const AT_ONCE = 3;
const LONGEST = 6 * 60 * MINUTE;

/** How long the same is left as it is after so many repairs in a day: a minute, doubling up to six hours. */
function restAfter(times: number): number {
  return times < AT_ONCE ? 0 : Math.min(LONGEST, MINUTE * 2 ** (times - AT_ONCE));
}

/** What a difference counts as: the names of settings are chosen by whoever sets them, so all of them are one. */
function keyOf({ node, kind, field, rests }: Drift): string {
  return `${node} ${rests ?? field ?? kind}`;
}

function recent(counts: Counts, now: Instant): Counts {
  return Object.fromEntries(Object.entries(counts).filter(([, { lastAt }]) => now >= lastAt && now - lastAt < DAY));
}

/** Counts what happened once more, each thing once, and forgets what has not happened for a day. */
export function countOnceMore(before: Counts, drift: readonly Drift[], now: Instant): Counts {
  const kept = recent(before, now);
  const happened = drift.map((one) => [keyOf(one), { node: one.node, times: (kept[keyOf(one)]?.times ?? 0) + 1, lastAt: now }] as const);
  return { ...kept, ...Object.fromEntries(happened) };
}

/** How often the most frequent of these happened within a day. */
export function timesOf(counts: Counts, drift: readonly Drift[], now: Instant): number {
  const kept = recent(counts, now);
  return Math.max(0, ...drift.map((one) => kept[keyOf(one)]?.times ?? 0));
}

/** Whether something of this is news: the first time, and each time that it happened twice as often. */
export function isNews(before: Counts, after: Counts, drift: readonly Drift[], now: Instant): boolean {
  return drift.some((one) => isTold(timesOf(before, [one], now), timesOf(after, [one], now)));
}

/** What is left as it is for a while, since it was put right again and again: until when, and how often it was. */
export interface Rest {
  readonly until: Instant;
  readonly times: number;
  readonly what: string;
}

/**
 * Whether what differs is left as it is for now. Only what harms nobody but who does it may be left; where anything else differs, or one thing is due, the whole
 * stack is repaired.
 */
export function restOf(repairs: Counts, drift: readonly Drift[], now: Instant): Rest | undefined {
  // What was asked for, and what is not Ballast's to change, is no repair.
  const repaired = drift.filter(({ kind }) => kind !== "pending" && kind !== "foreign");
  if (repaired.length === 0 || repaired.some(({ rests }) => rests === undefined)) return undefined;
  const kept = recent(repairs, now);
  const all = repaired.map((one): Rest => {
    const known = kept[keyOf(one)];
    const until = known === undefined ? now : known.lastAt + restAfter(known.times);
    return { until, times: known?.times ?? 0, what: keyOf(one) };
  });
  const first = all.reduce((least, one) => (one.until < least.until ? one : least));
  return first.until > now ? first : undefined;
}

/** For people: `acme/production/database settings was put right 9 times in a day and comes back: left as it is until 14:05Z`. */
export function restWords({ until, times, what }: Rest): string {
  const at = `${new Date(until).toISOString().slice(0, 16)}Z`;
  return `${what} of somebody's own was put right ${times} times in a day and comes back: left as it is until ${at}`;
}
