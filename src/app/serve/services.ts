import type { Store } from "../../adapters/store/store.ts";
import type { SealedValues } from "../../adapters/vault/vault.ts";
import type { Engine, Vault } from "../../engines/engine.ts";
import { formerNode } from "../../workflows/converge/workflow.ts";
import type { JourneyRunner, Services } from "../../workflows/services.ts";
import type { DataMemory } from "../data/data-memory.ts";
import { dataDecider } from "../operations/data-choice.ts";
import { unseenData } from "../operations/removal.ts";
import { forgetClosed } from "../revisions/closing.ts";
import { publishing } from "../revisions/publish.ts";
import type { Revision, Revisions } from "../revisions/revisions.ts";
import { createVault } from "../secrets/vault.ts";

/** What workflows reach the world through, as far as it differs from one installation to the next. */
export interface ServicePieces {
  readonly fleet: string;
  readonly store: Store;
  readonly engine: Engine;
  readonly memory: DataMemory;
  readonly revisions: Pick<Revisions, "byHash">;
  readonly sealed: SealedValues;
  readonly now: () => number;
  readonly log: Services["log"];
  readonly aroundStep: Services["aroundStep"] | undefined;
  /** Makes who runs the journeys, given the vaults by revision. */
  readonly journeys: (vaultFor: (revision: string) => Vault) => JourneyRunner;
  /** Leaves for people what an apply has made. */
  readonly leave: (revision: Revision, vault: Vault) => Promise<void>;
}

/** Puts the services of the workflows together: one composition, whatever machine stands behind the engine. */
export function createServices(pieces: ServicePieces): Services {
  const { fleet, store, engine, memory, revisions, sealed, now, log } = pieces;
  const compiled = (revision: string) => revisions.byHash(revision);
  function vaultFor(revision: string): Vault {
    return createVault({
      sealed,
      fleet,
      now,
      find: async (id) => (await revisions.byHash(revision)).find(id),
      formerly: async (id) => formerNode(await revisions.byHash(revision), id),
    });
  }
  return {
    engine,
    vaultFor,
    forgetSecret: (node) => store.forgetSecret(node),
    closed: (stack) => forgetClosed(store, stack),
    compiled,
    unseenData: (stack) => unseenData({ engine, memory }, stack),
    decided: dataDecider({ engine, memory, store, now, compiled, vaultFor }),
    journeys: pieces.journeys(vaultFor),
    publish: publishing(store, async (hash) => await pieces.leave(await revisions.byHash(hash), vaultFor(hash))),
    store,
    now,
    log,
    aroundStep: pieces.aroundStep ?? (() => undefined),
  };
}
