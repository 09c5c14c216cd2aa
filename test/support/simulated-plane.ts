import { openStore } from "../../src/adapters/store/store.ts";
import { createSealedValues } from "../../src/adapters/vault/vault.ts";
import { openDataMemory } from "../../src/app/data/data-memory.ts";
import { rememberingEngine } from "../../src/app/data/remembering-engine.ts";
import { takeUpAdmitted } from "../../src/app/operations/take-up-admitted.ts";
import { startEnvironmentWatch } from "../../src/app/reconcile/environment-watch.ts";
import { createReconciler, type StackWatcher } from "../../src/app/reconcile/reconciler.ts";
import { createRevisions } from "../../src/app/revisions/revisions.ts";
import { servingStacks, wantedNow } from "../../src/app/revisions/wanted.ts";
import { writeCredentials } from "../../src/app/secrets/credentials.ts";
import { generationsIn } from "../../src/app/secrets/rotation.ts";
import { createControlPlane } from "../../src/app/serve/control-plane.ts";
import type { ControlPlaneParts } from "../../src/app/serve/control-plane-parts.ts";
import { type Executor, launchExecutor } from "../../src/app/serve/executor.ts";
import { sweepStore } from "../../src/app/serve/housekeeping.ts";
import { createServices } from "../../src/app/serve/services.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { createMemoryEngine } from "../../src/engines/memory/engine.ts";
import type { World } from "../../src/engines/memory/world.ts";
import type { Services, WorkflowStore } from "../../src/workflows/services.ts";
import { eventually } from "./api.ts";

export interface SimulatedPlaneOptions {
  readonly connectionString: string;
  readonly fleet: string;
  readonly world: World;
  readonly now: () => number;
  readonly machineMemoryBytes?: number;
  /** Beside the store, where what is remembered of data has its copy. */
  readonly folder?: string;
  /** Where the first passwords are left. */
  readonly credentialsFile?: string;
  readonly aroundStep?: Services["aroundStep"];
  readonly ownSecrets?: ControlPlaneParts["ownSecrets"];
  /** Makes the engine otherwise than it is: one that hangs, or fails. */
  readonly engine?: (engine: Engine) => Engine;
  /** Makes the executor otherwise than it is: one that starts nothing. */
  readonly executor?: (executor: Executor) => Executor;
  readonly watchers?: readonly StackWatcher[];
  /** What a command line that meets it is told, and how it ends it. */
  readonly served?: Pick<ControlPlaneParts, "version" | "build" | "shutdown">;
  /** Makes the store of the workflows otherwise than it is: one that refuses to write. */
  readonly workflowStore?: (store: WorkflowStore) => WorkflowStore;
}

export type SimulatedPlane = Awaited<ReturnType<typeof simulatedPlane>>;

/** The real control plane (store, workflows, reconciler, housekeeping) over the simulated machine. One a process: the workflow engine is. */
export async function simulatedPlane(options: SimulatedPlaneOptions) {
  const { connectionString, fleet, world, now } = options;
  const faults: unknown[] = [];
  const store = await openStore({ connectionString, maxConnections: 4, onLostConnection: () => undefined });
  const memory = await openDataMemory({ store, folder: options.folder, fault: (error) => faults.push(error) });
  const engine = rememberingEngine((options.engine ?? ((one) => one))(createMemoryEngine(world)), memory, now);
  const contextFor = async () => ({
    images: {},
    ingress: { address: "127.0.0.1", port: 8443 },
    certificateGeneration: 1,
    generations: await generationsIn(store),
  });
  const machine = options.machineMemoryBytes === undefined ? {} : { machineMemoryBytes: options.machineMemoryBytes };
  const revisions = createRevisions({ store, contextFor, now, ...machine });
  const sealed = createSealedValues(store, { current: new Uint8Array(32).fill(3) });
  const logged: unknown[] = [];
  const composed = createServices({
    fleet,
    store,
    engine,
    memory,
    revisions,
    sealed,
    now,
    log: (error) => logged.push(error),
    aroundStep: options.aroundStep,
    journeys: () => ({ full: async () => [], reading: async () => [] }),
    async leave(revision, vault) {
      if (options.credentialsFile !== undefined) await writeCredentials(options.credentialsFile, revision, vault);
    },
  });
  const services: Services = { ...composed, store: (options.workflowStore ?? ((one) => one))(store) };
  const executor = (options.executor ?? ((one) => one))(await launchExecutor(services, store.pool));
  const fault = (error: unknown) => faults.push(error);
  const watch = startEnvironmentWatch({ engine, store, stacks: () => servingStacks(store, revisions), now, fault });
  const parts: ControlPlaneParts = {
    fleet,
    instance: "i",
    ...(options.served ?? { version: "0", build: "0", shutdown: () => undefined }),
    store,
    engine,
    memory,
    revisions,
    executor,
    watch,
    ownSecrets: options.ownSecrets ?? {},
    now,
  };
  await takeUpAdmitted(parts);
  const plane = createControlPlane(parts);
  const reconciler = createReconciler({
    engine,
    store,
    executor,
    wanted: () => wantedNow(store, revisions),
    now,
    fault,
    ...(options.watchers === undefined ? {} : { watchers: options.watchers }),
  });
  return {
    plane,
    engine,
    memory,
    store,
    executor,
    revisions,
    faults,
    /** What the log of the control plane was told. */
    logged,
    reconciler,
    takeUpAdmitted: () => takeUpAdmitted(parts),
    /** One look at everything, with all that follows from it. */
    async look() {
      await reconciler.pass();
      await reconciler.settled();
    },
    sweep: () => sweepStore({ store, executor, now }),
    /** Waits for the end of an operation and says what it was. */
    ended: (id: string) =>
      eventually(`the end of ${id}`, 60, async () => {
        const found = await plane.operation(id);
        return found === undefined || found.state === "running" ? undefined : found.state;
      }),
    async close() {
      await watch.stop();
      await executor.shutdown();
      await store.close();
    },
  };
}
