import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import { rememberComputing } from "../../../domain/stack/autovacuum-use.ts";
import { isShared, type NodeId, stackOf } from "../../../domain/stack/node.ts";
import { NOTHING_SEEN, rememberQueue } from "../../../domain/stack/notification-queue.ts";
import { sessionsToEnd } from "../../../domain/stack/shared-server.ts";
import type { Computing, Ending, QueueMemory, SharedSession } from "../../../domain/stack/shared-session.ts";
import { bounded as boundedText, MESSAGE } from "../../../kernel/foreign-text.ts";
import type { EndedSession, Relief } from "../../engine.ts";
import { lookAtContainers } from "../container/containers.ts";
import { runInside } from "../container/run-inside.ts";
import { bounded } from "../machine/bounded.ts";
import type { Scope } from "../scope.ts";
import { closeCommonDatabases } from "./common-access.ts";
import { CrashRecovery } from "./crash-recovery.ts";
import { MISSES, RareLooks } from "./rare-looks.ts";
import { openServer } from "./servers.ts";
import { lookAt, type Names, namesAfterwards, whoWhere } from "./shared-servers.ts";

/** Which servers there are is asked for less often than what goes on in them: a new one is found by then. */
const SERVERS_MS = 20_000;
/** How often who may connect to the databases that are everybody's is compared with who must. */
const COMPARE_MS = 45_000;
const STATEMENT_SECONDS = 5;
/** A server whose processes stand still keeps its connections open and says nothing. */
const LOOK_MS = 15_000;
const END_MS = 1000;

/** One server that is watched, over a session that stays open: a place to connect may be the first thing that is missing. */
interface Watched {
  readonly session: ServerSession;
  superusers: ReadonlySet<string>;
  /** When it was last seen that nobody may connect to the common databases who must not: a server that an older version made may run on unchanged. */
  comparedAt: number;
  queue: QueueMemory;
  computing: readonly Computing[];
  /** Processes that were asked to end, and were there at the last look. */
  asked: ReadonlySet<number>;
}

/** Watches the database servers that several stacks share: sessions that stay open, and must be closed. */
export class SharedWatch {
  readonly #scope: Scope;
  readonly #watched = new Map<NodeId, Watched>();
  readonly #missed = new Map<NodeId, number>();
  /** Kept beside the sessions: a look that ends its session each time must be missed as any other. */
  readonly #rare = new Map<NodeId, RareLooks>();
  readonly #recovery = new CrashRecovery();
  readonly #crashed: Relief["crashed"][number][] = [];
  #servers: readonly NodeId[] = [];
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** One look at each of them. */
  async relieve(): Promise<Relief> {
    await this.#findServers();
    for (const server of this.#watched.keys()) if (!this.#servers.includes(server)) await this.#letGo(server);
    for (const server of this.#rare.keys()) if (!this.#servers.includes(server)) this.#rare.delete(server);
    const looks = await Promise.all(this.#servers.map((server) => this.#look(server)));
    return {
      repaired: looks.flatMap(({ repaired }) => repaired),
      // Also what was ended by a look that failed afterwards, or that nobody waited for any more.
      ended: this.#scope.ended.splice(0),
      crashed: this.#crashed.splice(0),
      unwatched: looks.flatMap(({ unwatched }) => unwatched),
    };
  }

  async close(): Promise<void> {
    for (const server of this.#watched.keys()) await this.#letGo(server);
  }

  async #findServers(): Promise<void> {
    const now = performance.now();
    if (now - this.#askedAt < SERVERS_MS) return;
    const { nodes } = await lookAtContainers(this.#scope, undefined);
    this.#servers = nodes
      .filter(({ declared, condition }) => declared.kind === "postgres" && condition !== "stopped" && isShared(stackOf(declared.id)))
      .map(({ declared }) => declared.id);
    this.#askedAt = now;
  }

  async #letGo(server: NodeId): Promise<void> {
    const found = this.#watched.get(server);
    this.#watched.delete(server);
    // One that hangs must hold up neither the next look nor the end of this process.
    if (found !== undefined) await bounded(found.session.end(), END_MS).catch(() => undefined);
  }

  async #look(server: NodeId): Promise<Look> {
    const unnamed: Ended[] = [];
    try {
      const look = await bounded(this.#relieveOne(server, unnamed), LOOK_MS);
      this.#missed.delete(server);
      return look;
    } catch (error) {
      await this.#letGo(server);
      this.#askedAt = Number.NEGATIVE_INFINITY;
      const times = (this.#missed.get(server) ?? 0) + 1;
      this.#missed.set(server, times);
      return { repaired: [], unwatched: times < MISSES ? [] : [{ server, because: (error as Error).message }] };
    } finally {
      this.#tell(server, unnamed.splice(0), undefined);
    }
  }

  #tell(server: NodeId, ended: readonly Ended[], names: Names | undefined): void {
    this.#scope.ended.push(...ended.map((one) => endedSession(server, one, names)));
  }

  async #relieveOne(server: NodeId, unnamed: Ended[]): Promise<Look> {
    const known = this.#watched.get(server);
    const one = known ?? {
      session: await this.#open(server),
      superusers: new Set<string>(),
      comparedAt: Number.NEGATIVE_INFINITY,
      queue: NOTHING_SEEN,
      computing: [],
      asked: new Set<number>(),
    };
    this.#watched.set(server, one);
    const { observation, superusers, names } = await lookAt(one.session, one.superusers);
    one.superusers = superusers;
    const now = this.#scope.now();
    one.queue = rememberQueue(one.queue, observation, now);
    one.computing = rememberComputing(one.computing, observation.sessions, now);
    const before = one.asked;
    const isNews = ({ session }: Ending) => !before.has(session.pid);
    const acts = {
      end: (ending: Ending) => end(this.#scope, server, one.session, ending),
      ended: (ending: Ended) => {
        // One that was asked before and has not ended yet is one, however often it is asked.
        if (isNews(ending)) return names === undefined ? unnamed.push(ending) : this.#tell(server, [ending], names);
      },
    };
    const holders = sessionsToEnd({ ...observation, queue: one.queue, computing: one.computing }, now);
    const failed = [...(await endEach(holders, acts))];
    // A rare look that takes long must not hold up the end of those who hold now.
    const rare = this.#rare.get(server) ?? new RareLooks();
    this.#rare.set(server, rare);
    const fillers = await rare.find(one.session, one.superusers, performance.now());
    failed.push(...(await endEach(fillers, acts)));
    one.asked = stillAsked(before, observation.sessions, [...holders, ...fillers]);
    // What they held is free now: who they were is asked before anything that may fail.
    if (unnamed.length > 0) this.#tell(server, unnamed.splice(0), await namesAfterwards(one.session));
    if (failed.length > 0) throw failed[0];
    return {
      repaired: await this.#keepClosed(server, one, holders.length + fillers.length > 0),
      unwatched: rare.blind().map((because) => ({ server, because })),
    };
  }

  async #open(server: NodeId): Promise<ServerSession> {
    const session = await openServer(this.#scope, server, STATEMENT_SECONDS);
    if (await this.#recovery.look(server, session)) this.#crashed.push({ stack: stackOf(server), server });
    return session;
  }

  /** Where the table of locks is full this fails: sessions are ended first, and a later look tries again. */
  async #keepClosed(server: NodeId, one: Watched, mayFail: boolean): Promise<Relief["repaired"]> {
    if (performance.now() - one.comparedAt < COMPARE_MS) return [];
    try {
      const repaired = await closeCommonDatabases(this.#scope, server, one.session);
      one.comparedAt = performance.now();
      return repaired.map((what) => ({ stack: stackOf(server), server, what }));
    } catch (error) {
      if (mayFail) return [];
      throw error;
    }
  }
}

type Look = Pick<Relief, "repaired" | "unwatched">;

/** Who was asked to end, and was there at this look. */
export function stillAsked(
  before: ReadonlySet<number>,
  seen: readonly Pick<SharedSession, "pid">[],
  asked: readonly Ending[],
): ReadonlySet<number> {
  return new Set([...seen.map(({ pid }) => pid).filter((pid) => before.has(pid)), ...asked.map(({ session }) => session.pid)]);
}

/** One that was ended, and why its server did not do it where that could not. */
type Ended = Ending & { readonly instead?: string };

/** Ends each by itself, and says each as it happens: one that cannot be ended keeps no other from it. Returns why some could not be. */
export async function endEach(
  endings: readonly Ending[],
  acts: { readonly end: (ending: Ending) => Promise<Pick<Ended, "instead">>; readonly ended: (ending: Ended) => unknown },
): Promise<readonly unknown[]> {
  const failed: unknown[] = [];
  for (const ending of endings) {
    try {
      acts.ended({ ...ending, ...(await acts.end(ending)) });
    } catch (error) {
      failed.push(error);
    }
  }
  return failed;
}

export function endedSession(server: NodeId, { session, held, because, instead }: Ended, names: Names | undefined): EndedSession {
  const how = instead === undefined ? "" : ` (by a signal from beside: ${instead})`;
  return { stack: stackOf(server), server, pid: session.pid, ...whoWhere(session, names), held, because: `${because}${how}` };
}

/** What is looked at right afterwards needs what these held. Whoever reads a long queue ends late, and the others must not wait for that. */
const WAIT_MS: Partial<Record<Ending["held"], number>> = { locks: 3000, change: 3000 };

/** Asks the server; where that needs a lock too many, its process is asked from beside, with the same signal. */
async function end(
  scope: Scope,
  server: NodeId,
  session: ServerSession,
  { session: { pid }, held }: Ending,
): Promise<{ readonly instead?: string }> {
  try {
    await session.run(SERVER_SQL.endSession(String(pid), String(WAIT_MS[held] ?? 0)));
    return {};
  } catch (error) {
    const instead = boundedText(error instanceof Error ? error.message : String(error), MESSAGE);
    try {
      await runInside(scope, server, ["bash", "-c", `kill -TERM ${pid}`], "");
    } catch (fault) {
      const words = fault instanceof Error ? fault.message : String(fault);
      throw new Error(`process ${pid} could not be ended: ${instead}; from beside: ${words}`, { cause: fault });
    }
    return { instead };
  }
}
