import type { Store } from "../adapters/store/store.ts";
import type { EndedSession, Engine, Relief } from "../engines/engine.ts";
import type { Instant } from "../kernel/instant.ts";
import { toldOnce } from "./told-once.ts";

const SETTING = "ended-sessions";
const ACTOR = "shared-servers";
/** A table of locks is filled in a second; each look costs the server and this process about a millisecond. */
const LOOK_EVERY_MS = 2000;
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

/** One look at the shared servers. Each session that was ended is in the ledger with its reason. */
export async function watchSharedServers({ engine, store, now }: SharedWatchParts): Promise<void> {
  if (engine.relieve === undefined) return;
  const { ended, unwatched } = await engine.relieve();
  for (const one of ended) {
    const { stack, server, pid, role, database, because } = one;
    const reasons = [`a session of ${role} in ${database} was ended: ${because}`];
    await store.appendLedger(
      { actor: ACTOR, act: "session.ended", subject: stack, reasons, evidence: { server, pid, role, database } },
      new Date(now()),
    );
  }
  const before = await kept(store);
  if (ended.length === 0 && JSON.stringify(before.unwatched) === JSON.stringify(unwatched)) return;
  await store.setSetting(SETTING, { ended: remembered(before, ended, now()), unwatched } as never);
}

/** The latest of each role and server, with how often it happened in a day. */
function remembered(before: Kept, ended: readonly EndedSession[], at: Instant): Kept["ended"] {
  let all = before.ended.filter((one) => at - one.at < SHOWN_MS);
  for (const one of ended) {
    const same = all.find((other) => other.server === one.server && other.role === one.role);
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
  function wake(): void {
    if (stopping) return;
    timer = setTimeout(() => {
      looking = watchSharedServers(parts).then(told.over, told.fault).finally(wake);
    }, LOOK_EVERY_MS).unref();
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
