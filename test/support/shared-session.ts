import type { SharedSession } from "../../src/domain/stack/shared-session.ts";

/** A session of somebody that holds nothing, as a look at a shared server tells it. */
export function sharedSession(of: Pick<SharedSession, "pid" | "role" | "stateSince">, more: Partial<SharedSession> = {}): SharedSession {
  return {
    database: of.role ?? "none",
    superuser: false,
    worker: false,
    computes: false,
    idleInTransaction: false,
    transactionSince: undefined,
    locks: 0,
    ...of,
    ...more,
  };
}
