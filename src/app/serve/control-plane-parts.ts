import type { Store } from "../../adapters/store/store.ts";
import type { Engine } from "../../engines/engine.ts";
import type { DataMemory } from "../data/data-memory.ts";
import type { EnvironmentWatch } from "../reconcile/environment-watch.ts";
import type { Revisions } from "../revisions/revisions.ts";
import type { Executor } from "./executor.ts";

/** What a control plane is made of. */
export interface ControlPlaneParts {
  readonly fleet: string;
  readonly instance: string;
  readonly version: string;
  readonly build: string;
  readonly store: Store;
  readonly engine: Engine;
  readonly memory: DataMemory;
  readonly revisions: Revisions;
  readonly executor: Executor;
  readonly watch: Pick<EnvironmentWatch, "of">;
  /** What the control plane keeps for itself and can recreate, by name. */
  readonly ownSecrets: Readonly<Record<string, () => Promise<void>>>;
  readonly shutdown: () => void;
  readonly now: () => number;
}
