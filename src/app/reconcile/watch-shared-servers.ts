import type { Store } from "../../adapters/store/store.ts";
import type { LedgerEntry } from "../../domain/ledger/entry.ts";
import { isTold } from "../../domain/stack/shared-server.ts";
import type { EndedSession, Engine, Relief } from "../../engines/engine.ts";
import { isSameJson } from "../../kernel/canonical.ts";
import type { Instant } from "../../kernel/instant.ts";
import { repeat } from "./repeat.ts";

const SETTING = "ended-sessions";
const ACTOR = "shared-servers";
/** A table of locks is filled in a second; each look costs the server and this process about a millisecond. */
const LOOK_EVERY_MS = 2000;
/** Whoever was ended may come again at once: for a minute it is looked closer. */
const CLOSER = { everyMs: 250, forMs: 60_000 };
const SHOWN_MS = 24 * 3_600_000;
const MOST_SHOWN = 20;
/** More roles and reasons than a machine has tenants; beyond them those who were quiet longest start over. */
const MOST_COUNTED = 2000;

/** How often who was ended for what within a day. Kept apart from what is shown, so that nobody starts over for having fallen out of that. */
type Counts = Readonly<Record<string, { readonly times: number; readonly at: Instant }>>;

type Shown = EndedSession & { readonly at: Instant; readonly times: number };

/** What is kept for `status`; the ledger has all of it. What an earlier version kept has no counts of its own. */
interface Kept {
  readonly ended: readonly Shown[];
  readonly unwatched: Relief["unwatched"];
  readonly counts?: Counts;
  /** By server, how often within a day. */
  readonly crashes?: Counts;
}

export interface SharedWatchParts {
  readonly engine: Pick<Engine, "relieve">;
  readonly store: Pick<Store, "setting" | "writeDown">;
  readonly now: () => Instant;
  readonly fault: (error: unknown) => void;
}

/** What the last look wrote down, so that one that finds nothing new asks the store nothing; and what it could not write down, which the next one does. */
export interface LastLook {
  unwatched?: string;
  untold?: Untold;
}

type Untold = Pick<Relief, "ended" | "repaired" | "crashed">;

/** One look at the shared servers. What was ended is in the ledger with its reason; how many sessions there were. */
export async function watchSharedServers({ engine, store, now }: SharedWatchParts, last: LastLook = {}): Promise<number> {
  if (engine.relieve === undefined) return 0;
  const { unwatched, ...relief } = await engine.relieve();
  const { ended, repaired, crashed } = together(last.untold, relief);
  const unseen = JSON.stringify(unwatched);
  if (ended.length + repaired.length + crashed.length === 0 && unseen === last.unwatched) return 0;
  last.untold = { ended: ended.slice(-MOST_COUNTED), repaired: repaired.slice(-MOST_COUNTED), crashed: crashed.slice(-MOST_COUNTED) };
  const before = await kept(store);
  const at = now();
  const { next, tell } = weighed(before, ended, at);
  const entries = [...repaired.map(repairedWords), ...crashed.map(crashedWords), ...tell.map(endedWords)];
  const wanted = { ...next, unwatched, ...withCrashes(before, crashed, at) };
  await store.writeDown(entries, isSameJson(before, wanted) ? undefined : { key: SETTING, value: wanted as never }, new Date(at));
  delete last.untold;
  last.unwatched = unseen;
  return relief.ended.length;
}

function repairedWords({ stack, server, what }: Relief["repaired"][number]): LedgerEntry {
  return { actor: ACTOR, act: "access.repaired", subject: stack, reasons: [`${what}, and cannot any more`], evidence: { server } };
}

function crashedWords({ stack, server }: Relief["crashed"][number]): LedgerEntry {
  const reasons = ["one of its processes crashed: PostgreSQL ended every session, recovered and goes on"];
  return { actor: ACTOR, act: "server.crashed", subject: stack, reasons, evidence: { server } };
}

function together(untold: Untold | undefined, found: Untold): Untold {
  if (untold === undefined) return found;
  return {
    ended: [...untold.ended, ...found.ended],
    repaired: [...untold.repaired, ...found.repaired],
    crashed: [...untold.crashed, ...found.crashed],
  };
}

function withCrashes({ crashes }: Kept, crashed: Relief["crashed"], at: Instant): Pick<Kept, "crashes"> {
  if (crashes === undefined && crashed.length === 0) return {};
  const counts = new Map(Object.entries(crashes ?? {}).filter(([, one]) => at - one.at < SHOWN_MS));
  for (const { server } of crashed) counts.set(server, { times: (counts.get(server)?.times ?? 0) + 1, at });
  return { crashes: Object.fromEntries(counts) };
}

function endedWords({ stack, server, pid, role, database, because, times }: Shown): LedgerEntry {
  const often = times === 1 ? "" : `; ${times} such sessions in a day`;
  const reasons = [`a session of ${role} in ${database} was ended: ${because}${often}`];
  return { actor: ACTOR, act: "session.ended", subject: stack, reasons, evidence: { server, pid, role, database, times } };
}

interface Weighed {
  readonly next: Pick<Kept, "ended" | "counts">;
  readonly tell: readonly Shown[];
}

/** Counts those who were ended, by role, server and reason. What is told is decided before what is shown is cut. */
function weighed(before: Kept, ended: readonly EndedSession[], at: Instant): Weighed {
  const counts = new Map(Object.entries(countsIn(before)).filter(([, one]) => at - one.at < SHOWN_MS));
  const groups = [...Map.groupBy(ended, keyOf)].map(([key, all]) => {
    const first = counts.get(key)?.times ?? 0;
    const times = first + all.length;
    // Last in their order is whoever was ended last.
    counts.delete(key);
    counts.set(key, { times, at });
    return { key, first, one: { ...(all.at(-1) as EndedSession), at, times } };
  });
  const isFresh = new Set(groups.map(({ key }) => key));
  const others = before.ended.filter((one) => at - one.at < SHOWN_MS && !isFresh.has(keyOf(one)));
  return {
    tell: groups.filter(({ first, one }) => isTold(first, one.times)).map(({ one }) => one),
    next: {
      ended: [...groups.map(({ one }) => one).toReversed(), ...others].slice(0, MOST_SHOWN),
      counts: Object.fromEntries([...counts].slice(-MOST_COUNTED)),
    },
  };
}

function keyOf({ server, role, held }: EndedSession): string {
  return JSON.stringify([server, role, held]);
}

function countsIn({ counts, ended }: Kept): Counts {
  return counts ?? Object.fromEntries(ended.map((one) => [keyOf(one), { times: one.times, at: one.at }]));
}

async function kept(store: Pick<Store, "setting">): Promise<Kept> {
  return ((await store.setting<never>(SETTING)) as Kept | undefined) ?? { ended: [], unwatched: [] };
}

/** What `status` says of it: who was ended in the last day, and which server could not be looked at. */
export async function sharedNotes({
  store,
  now,
}: Pick<SharedWatchParts, "now"> & { store: Pick<Store, "setting"> }): Promise<readonly string[]> {
  const { ended, unwatched, crashes = {} } = await kept(store);
  const recent = ended.filter((one) => now() - one.at < SHOWN_MS);
  const crashed = Object.entries(crashes).filter(([, one]) => now() - one.at < SHOWN_MS);
  return [
    ...crashed.map(([server, { times, at }]) => {
      const often = times === 1 ? "crashed" : `crashed ${times} times`;
      return `${server}: a process of it ${often} in a day, last ${minuteOf(at)}, and every session was ended; what it wrote then is in its log`;
    }),
    ...recent.map(({ server, role, because, at, times }) => {
      const often = times === 1 ? "a session" : `${times} sessions`;
      return `${server}: ${often} of ${role} ended in a day, last ${minuteOf(at)}: ${because}`;
    }),
    ...unwatched.map(({ server, because }) => `${server}: unknown who holds what all its users share: ${because}`),
  ];
}

function minuteOf(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 16)}Z`;
}

/** Looks for as long as this process lives, and closer for a while after somebody was ended. */
export function startSharedWatch(parts: SharedWatchParts): { stop(): Promise<void> } {
  let closerUntil = Number.NEGATIVE_INFINITY;
  const last: LastLook = {};
  async function look(): Promise<void> {
    if ((await watchSharedServers(parts, last)) > 0) closerUntil = performance.now() + CLOSER.forMs;
  }
  return repeat(look, { pause: () => (performance.now() < closerUntil ? CLOSER.everyMs : LOOK_EVERY_MS), fault: parts.fault });
}
