import type { Store } from "../../adapters/store/store.ts";
import type { Engine } from "../../engines/engine.ts";
import type { Instant } from "../../kernel/instant.ts";

export interface SweepDatabasesParts {
  readonly engine: Pick<Engine, "sweep">;
  readonly store: Pick<Store, "appendLedger">;
  readonly now: () => Instant;
  readonly fault: (error: unknown) => void;
}

/** Has the engine remove databases that were begun and never became anybody's: each may hold a copy of somebody's data. The ledger names them. */
export async function sweepDatabases({ engine, store, now, fault }: SweepDatabasesParts): Promise<void> {
  const { removed, failed } = (await engine.sweep?.()) ?? { removed: [], failed: [] };
  for (const { server, database } of removed) {
    const reasons = [`the database ${database} was left over from a making that was cut off, and nobody used it`];
    await store.appendLedger(
      { actor: "housekeeping", act: "database.removed", subject: server, reasons, evidence: { database } },
      new Date(now()),
    );
  }
  for (const error of failed) fault(error);
}
