import type { Store } from "../adapters/store/store.ts";
import { isTold } from "../domain/stack/shared-server.ts";
import type { EndedSession, Engine, Relief } from "../engines/engine.ts";
import { isSameJson } from "../kernel/canonical.ts";
import type { Instant } from "../kernel/instant.ts";
import { toldOnce } from "./told-once.ts";

const SETTING = "ended-sessions";
const ACTOR = "shared-servers";
/** A table of locks is filled in a second; each look costs the server and this process about a millisecond. */
const LOOK_EVERY_MS = 2000;
/** Whoever was ended may come again at once: for a minute it is looked closer. */
const CLOSER = { everyMs: 250, forMs: 60_000 };
const SHOWN_MS = 24 * 3_600_000;
const MOST_SHOWN = 20;

/** What is kept for `status`; the ledger has all of it. */
interface Kept {
  readonly ended: readonly (EndedSession & { readonly at: Instant; readonly times: number })[];
  readonly unwatched: Relief["unwatched"];
}

export interface SharedWatchParts {
  readonly engine: Pick<Engine, "relieve">;
  readonly store: Pick<Store, "setting" | "setSetting" | "appendLedger">;
  readonly now: () => Instant;
  readonly fault: (error: unknown) => void;
}

/** What the last look wrote down, so that one that finds nothing new asks the store nothing. */
export interface LastLook {
  unwatched?: string;
}

/** One look at the shared servers. What was ended is in the ledger with its reason; how many sessions there were. */
export async function watchSharedServers({ engine, store, now }: SharedWatchParts, last: LastLook = {}): Promise<number> {
  if (engine.relieve === undefined) return 0;
  const { ended, unwatched, mended } = await engine.relieve();
  for (const { stack, server, what } of mended) {
    const reasons = [`${what}, and cannot any more`];
    await store.appendLedger({ actor: ACTOR, act: "access.mended", subject: stack, reasons, evidence: { server } }, new Date(now()));
  }
  const unseen = JSON.stringify(unwatched);
  if (ended.length === 0 && unseen === last.unwatched) return 0;
  const before = await kept(store);
  if (ended.length === 0 && isSameJson(before.unwatched, unwatched)) {
    last.unwatched = unseen;
    return 0;
  }
  const all = remembered(before, ended, now());
  for (const one of all) {
    const times = before.ended.find((other) => isSame(one, other) && now() - other.at < SHOWN_MS)?.times ?? 0;
    if (isTold(times, one.times)) await tell(store, one);
  }
  await store.setSetting(SETTING, { ended: all, unwatched } as never);
  last.unwatched = unseen;
  return ended.length;
}

async function tell(store: Pick<Store, "appendLedger">, one: Kept["ended"][number]): Promise<void> {
  const { stack, server, pid, role, database, because, times } = one;
  const often = times === 1 ? "" : `; ${times} such sessions in a day`;
  const reasons = [`a session of ${role} in ${database} was ended: ${because}${often}`];
  const evidence = { server, pid, role, database, times };
  await store.appendLedger({ actor: ACTOR, act: "session.ended", subject: stack, reasons, evidence }, new Date(one.at));
}

function isSame(one: EndedSession, other: EndedSession): boolean {
  return one.server === other.server && one.role === other.role && one.held === other.held;
}

/** The latest of each role, server and reason, with how often it happened in a day. */
function remembered(before: Kept, ended: readonly EndedSession[], at: Instant): Kept["ended"] {
  let all = before.ended.filter((one) => at - one.at < SHOWN_MS);
  for (const one of ended) {
    const same = all.find((other) => isSame(one, other));
    all = [{ ...one, at, times: (same?.times ?? 0) + 1 }, ...all.filter((other) => other !== same)];
  }
  return all.slice(0, MOST_SHOWN);
}

async function kept(store: Pick<Store, "setting">): Promise<Kept> {
  return ((await store.setting<never>(SETTING)) as Kept | undefined) ?? { ended: [], unwatched: [] };
}

/** What `status` says of it: who was ended in the last day, and which server could not be looked at. */
export async function sharedNotes({
  store,
  now,
}: Pick<SharedWatchParts, "now"> & { store: Pick<Store, "setting"> }): Promise<readonly string[]> {
  const { ended, unwatched } = await kept(store);
  const recent = ended.filter((one) => now() - one.at < SHOWN_MS);
  return [
    ...recent.map(({ server, role, because, at, times }) => {
      const often = times === 1 ? "a session" : `${times} sessions`;
      return `${server}: ${often} of ${role} ended in a day, last ${new Date(at).toISOString().slice(0, 16)}Z: ${because}`;
    }),
    ...unwatched.map(({ server, because }) => `${server}: unknown who holds what all its users share: ${because}`),
  ];
}

/** Looks for as long as this process lives, one look at a time. */
export function startSharedWatch(parts: SharedWatchParts): { stop(): Promise<void> } {
  const told = toldOnce(parts.fault);
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  let closerUntil = Number.NEGATIVE_INFINITY;
  const last: LastLook = {};
  async function look(): Promise<void> {
    if ((await watchSharedServers(parts, last)) > 0) closerUntil = performance.now() + CLOSER.forMs;
  }
  function wake(): void {
    if (stopping) return;
    const closer = performance.now() < closerUntil;
    timer = setTimeout(
      () => {
        looking = look().then(told.over, told.fault).finally(wake);
      },
      closer ? CLOSER.everyMs : LOOK_EVERY_MS,
    ).unref();
  }
  wake();
  return {
    async stop() {
      stopping = true;
      clearTimeout(timer);
      await looking;
    },
  };
}
