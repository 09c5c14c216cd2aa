import type { ServerSession } from "../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../adapters/postgres/superuser-sql.ts";
import { isShared, type NodeId, stackOf } from "../../domain/stack/node.ts";
import { NOTHING_SEEN, rememberQueue } from "../../domain/stack/notification-queue.ts";
import { sessionsToEnd } from "../../domain/stack/shared-server.ts";
import type { Ending, QueueMemory } from "../../domain/stack/shared-session.ts";
import type { EndedSession, Relief } from "../engine.ts";
import { closeCommonDatabases } from "./common-access.ts";
import { lookAtContainers } from "./containers.ts";
import { runInside } from "./inside.ts";
import { bounded } from "./machine/bounded.ts";
import type { Scope } from "./scope.ts";
import { openServer } from "./servers.ts";
import { lookAt, namesAfterwards, whoWhere } from "./shared-servers.ts";

/** Which servers there are is asked for less often than what goes on in them: a new one is found by then. */
const SERVERS_MS = 20_000;
/** One that is made anew, or starts, is missed a few times and is no news. */
const MISSES = 5;
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
}

/** Watches the database servers that several stacks share: sessions that stay open, and must be closed. */
export class SharedWatch {
  readonly #scope: Scope;
  readonly #watched = new Map<NodeId, Watched>();
  readonly #missed = new Map<NodeId, number>();
  #servers: readonly NodeId[] = [];
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** One look at each of them. */
  async relieve(): Promise<Relief> {
    await this.#findServers();
    for (const server of this.#watched.keys()) if (!this.#servers.includes(server)) await this.#letGo(server);
    const looks = await Promise.all(this.#servers.map((server) => this.#look(server)));
    return {
      mended: looks.flatMap((look) => ("ended" in look ? look.mended : [])),
      ended: [...this.#scope.ended.splice(0), ...looks.flatMap((look) => ("ended" in look ? look.ended : []))],
      unwatched: looks.filter((look) => "because" in look),
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

  async #look(server: NodeId): Promise<Look | { server: NodeId; because: string }> {
    try {
      const look = await bounded(this.#relieveOne(server), LOOK_MS);
      this.#missed.delete(server);
      return look;
    } catch (error) {
      await this.#letGo(server);
      this.#askedAt = Number.NEGATIVE_INFINITY;
      const times = (this.#missed.get(server) ?? 0) + 1;
      this.#missed.set(server, times);
      return times < MISSES ? { ended: [], mended: [] } : { server, because: (error as Error).message };
    }
  }

  async #relieveOne(server: NodeId): Promise<Look> {
    const known = this.#watched.get(server);
    const one = known ?? {
      session: await openServer(this.#scope, server, STATEMENT_SECONDS),
      superusers: new Set<string>(),
      comparedAt: Number.NEGATIVE_INFINITY,
      queue: NOTHING_SEEN,
    };
    this.#watched.set(server, one);
    const { sight, superusers, names } = await lookAt(one.session, one.superusers);
    one.superusers = superusers;
    const now = this.#scope.now();
    one.queue = rememberQueue(one.queue, sight, now);
    const endings = sessionsToEnd({ ...sight, queue: one.queue }, now);
    for (const ending of endings) await end(this.#scope, server, one.session, ending);
    const mended = await this.#keepClosed(server, one, endings.length > 0);
    if (endings.length === 0) return { ended: [], mended };
    const called = names ?? (await namesAfterwards(one.session));
    const ended = endings.map(
      ({ session, held, because }): EndedSession => ({
        stack: stackOf(server),
        server,
        pid: session.pid,
        ...whoWhere(session, called),
        held,
        because,
      }),
    );
    return { ended, mended };
  }

  /** Where the table of locks is full this fails: sessions are ended first, and a later look tries again. */
  async #keepClosed(server: NodeId, one: Watched, mayFail: boolean): Promise<Relief["mended"]> {
    if (performance.now() - one.comparedAt < COMPARE_MS) return [];
    try {
      const mended = await closeCommonDatabases(this.#scope, server, one.session);
      one.comparedAt = performance.now();
      return mended.map((what) => ({ stack: stackOf(server), server, what }));
    } catch (error) {
      if (mayFail) return [];
      throw error;
    }
  }
}

type Look = Pick<Relief, "ended" | "mended">;

/** Asks the server; where that needs a lock too many, its process is asked from beside, with the same signal. */
async function end(scope: Scope, server: NodeId, session: ServerSession, { session: { pid } }: Ending): Promise<void> {
  try {
    await session.run(SERVER_SQL.endSession(String(pid)));
  } catch {
    await runInside(scope, server, ["bash", "-c", `kill -TERM ${pid}`], "");
  }
}
