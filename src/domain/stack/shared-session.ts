import type { Instant } from "../../kernel/instant.ts";

/** A session of somebody on a database server that several share, of those that hold something. */
export interface SharedSession {
  readonly pid: number;
  /** The numbers under which the server keeps its role and its database: they stay when the names change. A worker has no role. */
  readonly role: string | undefined;
  readonly database: string;
  /** Ballast's own and an operator's: never ended. */
  readonly superuser: boolean;
  /** One of the server's own, of autovacuum: it runs functions that a tenant wrote for its indexes, and waits for nobody. */
  readonly worker: boolean;
  /** A worker that evaluates such functions now. */
  readonly computes: boolean;
  readonly idleInTransaction: boolean;
  /** When its transaction began; undefined where it has none, and where it failed and was not rolled back: then the server does not tell. */
  readonly transactionSince: Instant | undefined;
  /** When it last began or ended to do something. */
  readonly stateSince: Instant;
  /** Places in the table of locks that is everybody's. */
  readonly locks: number;
}

/** What is everybody's on such a server, and who holds it. */
export interface SharedServerObservation {
  /** Places in the table of locks. */
  readonly lockPlaces: number;
  /** Share of the queue of notifications that is full, 0 to 1. */
  readonly notificationsFull: number;
  readonly sessions: readonly SharedSession[];
  /** From which databases samples of the queue came, by their numbers; left out while it is not full. */
  readonly senders?: readonly { readonly database: string; readonly samples: number }[];
  /** What was seen of the queue until now, this look included. */
  readonly queue: QueueMemory;
  /** What was seen of the workers of autovacuum, this look included. */
  readonly computing?: readonly Computing[];
}

/** What was seen of a server's queue of notifications so far. */
export interface QueueMemory {
  /** When it was last nearly empty; undefined where it never was while somebody looked. */
  readonly lowAt?: Instant;
  /** Sessions that were in a transaction at every look since then: in one, or in one after the other. Only between transactions does a listener read. */
  readonly open?: readonly { readonly pid: number; readonly since: Instant }[];
}

/** For how long, in milliseconds, workers of autovacuum ran functions of a database's indexes; a part of it is forgotten by the second. */
export interface Computing {
  readonly database: string;
  readonly ms: number;
  readonly at: Instant;
}

/** What of everybody's a session held; `change`: a row or an object for which a change of the server waited; `autovacuum`: a worker of it; `numbers`: those of transactions; `members`: room for locks of rows. */
export type Held = "locks" | "notifications" | "transaction" | "change" | "autovacuum" | "numbers" | "members";

/** A session to be ended, and why. */
export interface Ending {
  readonly session: SharedSession;
  readonly held: Held;
  readonly because: string;
}
