import { mkdirSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { openStore, type Store } from "../../adapters/store/store.ts";
import { openKey } from "../../adapters/vault/sealing-key.ts";
import { createSealedValues } from "../../adapters/vault/vault.ts";
import { buildApi } from "../../api/server.ts";
import { sweepJobs } from "../../engines/docker/container/job-files.ts";
import type { Engine, Vault } from "../../engines/engine.ts";
import { visibleInJson } from "../../kernel/foreign-text.ts";
import type { Services } from "../../workflows/services.ts";
import { remembering } from "../data/remembering-engine.ts";
import type { Installation } from "../installation/installation.ts";
import { findInstance } from "../installation/instance-mark.ts";
import { addressFile, ownFiles } from "../installation/own-files.ts";
import { forgetStop, leaveWord } from "../installation/stopped-note.ts";
import { type usedImagesFile, usedImagesInForce } from "../installation/used-images.ts";
import { dockerClient, imagesFolder, machineEngine, openImageStore } from "../machine/machine-engine.ts";
import { createJourneys } from "../operations/journeys.ts";
import { sweepDatabases } from "../operations/sweep-databases.ts";
import { takeUpAdmitted } from "../operations/take-up-admitted.ts";
import { startEnvironmentWatch } from "../reconcile/environment-watch.ts";
import { startReconciler } from "../reconcile/watch-loop.ts";
import { startSharedWatch } from "../reconcile/watch-shared-servers.ts";
import { startPositionWatch } from "../reconcile/watch-write-positions.ts";
import { contextFor } from "../revisions/compile-context.ts";
import { createRevisions, type Revision, type Revisions } from "../revisions/revisions.ts";
import { servingStacks, wantedNow } from "../revisions/wanted.ts";
import { writeCredentials } from "../secrets/credentials.ts";
import { raiseFloor } from "../secrets/rotation.ts";
import { apiTokenIn } from "./api-token.ts";
import { beginAgain, lostStore } from "./begin-again.ts";
import { createControlPlane } from "./control-plane.ts";
import type { ControlPlaneParts } from "./control-plane-parts.ts";
import { launchExecutor } from "./executor.ts";
import { startHousekeeping } from "./housekeeping.ts";
import { startKeeping } from "./kept-files.ts";
import { lead } from "./lead.ts";
import { leaveNoMemoryBehind } from "./no-core-dump.ts";
import { apiLimits } from "./open-files.ts";
import { listenFrom } from "./ports.ts";
import { createServices } from "./services.ts";
import { outliveUnhandled } from "./unhandled.ts";

export interface ServeOptions {
  readonly installation: Installation;
  /** A server of the operator's own instead of the embedded one. */
  readonly databaseUrl: string | undefined;
  readonly packageRoot: string;
  readonly version: string;
  readonly build: string;
  /** Where to listen on loopback; the next free port is taken when it is in use. */
  readonly port: number;
  /** Seconds to wait for another leader to end. */
  readonly waitSeconds: number;
  /** Where the sealing key or the store is lost: give up what was in it, and have every secret recreated. */
  readonly giveUpLost?: boolean;
  readonly aroundStep?: Services["aroundStep"];
}

const LOOPBACK = "127.0.0.1";
const SHUTDOWN_SECONDS = 10;

/** Runs the control plane of one fleet until it is told to stop. Resolves with the exit code. */
export async function serve(options: ServeOptions): Promise<number> {
  const { installation } = options;
  const out = pino.destination({ sync: true });
  const log = pino({ name: "ballast", base: { fleet: installation.fleet }, hooks: { streamWrite: visibleInJson } }, out);
  mkdirSync(installation.root, { recursive: true, mode: 0o711 });
  leaveNoMemoryBehind();
  const { connectionString, leadership, embedded } = await lead(options);
  let ending = false;
  const restartProcess = () => {
    if (ending) return;
    log.error(lostStore(installation.fleet).message);
    out.flushSync();
    beginAgain();
  };
  leadership.lost.then(restartProcess).catch((error: unknown) => log.error(error));
  const store = await openStore({
    connectionString,
    maxConnections: 8,
    onLostConnection: (error) => log.warn({ error: error.message }, "a store connection ended"),
  });
  const stopped = Promise.withResolvers<number>();
  const hooks: Hooks = {
    shutdown: () => stopped.resolve(0),
    log: (error, at) => log.error(at === undefined ? { err: error } : { err: error, at }),
  };
  const running = await assemble(options, store, hooks).catch(async (error: unknown) => {
    // What cannot serve must not go on leading, or nobody else ever could.
    ending = true;
    await store.close();
    await leadership.release();
    await embedded?.stop();
    throw error;
  });
  const port = await listenFrom(options.port, (port) => running.api.listen({ host: LOOPBACK, port }));
  const address = addressFile(installation, { url: `http://${LOOPBACK}:${port}`, version: options.version });
  forgetStop(installation);
  address.keep();
  const keeping = startKeeping([address, ...running.files], (path, failed) =>
    log.warn({ path, error: failed?.message }, "a state file was not what was written"),
  );
  log.info({ port, instance: running.instance, migrated: store.migrated }, "serving");
  outliveUnhandled(hooks.log);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stopped.resolve(0));
  const code = await stopped.promise;
  log.info("stopping");
  ending = true;
  setTimeout(() => process.exit(code), SHUTDOWN_SECONDS * 1000).unref();
  keeping.stop();
  await leaveWord(installation, { store, zone: async () => (await running.plane.health()).zone, fault: hooks.log });
  await running.api.close();
  await running.reconciler.stop();
  await running.watch.stop();
  for (const one of running.serverWatches) await one.stop();
  await running.housekeeping.stop();
  await running.executor.shutdown().catch((error: unknown) => log.warn(error));
  await running.engine.close();
  await store.close();
  await leadership.release().catch(() => undefined);
  await embedded?.stop();
  return code;
}

interface Hooks {
  readonly shutdown: () => void;
  readonly log: (error: unknown, at?: string) => void;
}

async function assemble(options: ServeOptions, store: Store, hooks: Hooks) {
  const { installation } = options;
  const now = () => Date.now();
  const { instance, storeLost } = await findInstance(installation, store, { giveUpLost: options.giveUpLost, now: now() });
  if (storeLost) hooks.log(new Error("the store was lost: every secret is recreated by the next apply"));
  const { keyring, gaveUp } = await openKey(installation.keyFile, store, options.giveUpLost);
  if (gaveUp) await raiseFloor(store, now());
  const sealed = createSealedValues(store, keyring);
  const token = apiTokenIn(installation.tokenFile, hooks.log);
  const docker = dockerClient();
  const imageStore = await openImageStore(docker, imagesFolder(options.packageRoot), installation.cache);
  const context = { store, imageStore, installation };
  const revisions = createRevisions({ store, contextFor: (of) => contextFor(context, of), now, machineMemoryBytes: totalmem() });
  const machine = machineEngine({ docker, installation, instance, subnets: () => subnetsOf(store, revisions), imageStore });
  const { engine, memory } = await remembering(machine, { store, folder: installation.root, fault: hooks.log });
  const images = await usedImagesInForce(installation.root, store, revisions);
  const within = { fleet: installation.fleet, store, engine, memory, revisions, sealed, now, log: hooks.log };
  const services = createServices({
    ...within,
    aroundStep: options.aroundStep,
    journeys: (vaultFor) => journeysOf({ installation, store, engine, revisions, now }, vaultFor),
    leave: (revision, vault) => leaveFor(installation, images, { revision, vault }),
  });
  await sweepJobs({ paths: installation, docker, instance }).catch((error: unknown) => hooks.log(error, "jobs that were killed"));
  const executor = await launchExecutor(services, store.pool);
  const around = { engine, store, now, fault: hooks.log };
  const watch = startEnvironmentWatch({ ...around, stacks: () => servingStacks(store, revisions) });
  const parts: ControlPlaneParts = {
    fleet: installation.fleet,
    instance,
    version: options.version,
    build: options.build,
    store,
    engine,
    memory,
    revisions,
    executor,
    watch,
    ownSecrets: {
      "api-token": async () => token.rotate(),
      "sealing-key": () => sealed.rotateKey(installation.keyFile, store),
    },
    shutdown: hooks.shutdown,
    now,
  };
  await takeUpAdmitted(parts);
  const plane = createControlPlane(parts);
  const reconciler = startReconciler({ ...around, executor, wanted: () => wantedNow(store, revisions) }, () => executor.changing());
  const serverWatches = [startSharedWatch(around), startPositionWatch(around)];
  const housekeeping = startHousekeeping({ store, executor, now }, () => sweepDatabases(around), hooks.log);
  const api = await buildApi({
    plane,
    token: () => token.current(),
    version: options.version,
    onFault: hooks.log,
    limits: apiLimits(),
  });
  const files = [images, ...memory.files, ...ownFiles(installation, { token, instance, keyring })];
  return { api, executor, engine, files, housekeeping, instance, plane, reconciler, serverWatches, watch };
}

/** The range for small networks is that of the region in force; networks that are there stay as they are. */
async function subnetsOf(store: Store, revisions: Revisions): Promise<string> {
  const hash = await store.revisionInForce();
  const region = hash === undefined ? undefined : (await revisions.byHash(hash).catch(() => undefined))?.loaded.fleet.regions[0];
  return region?.engine.kind === "docker" ? region.engine.subnets : "10.213.0.0/16";
}

/** The first passwords for people, and the names of the images for those who clean up. */
async function leaveFor(
  { credentialsFile }: Installation,
  images: Pick<ReturnType<typeof usedImagesFile>, "write">,
  { revision, vault }: { readonly revision: Revision; readonly vault: Vault },
): Promise<void> {
  await writeCredentials(credentialsFile, revision, vault);
  images.write(revision);
}

interface JourneyParts {
  readonly installation: Installation;
  readonly store: Store;
  readonly engine: Engine;
  readonly revisions: Revisions;
  readonly now: () => number;
}

/** Runs on what is in force now, with its secrets. */
function journeysOf({ installation, store, engine, revisions, now }: JourneyParts, vaultFor: (revision: string) => Vault) {
  async function inForce(): Promise<string> {
    return (await store.revisionInForce()) ?? "";
  }
  return createJourneys({
    engine,
    vault: { secret: async (id) => await vaultFor(await inForce()).secret(id) },
    find: async (id) => (await revisions.byHash(await inForce())).find(id),
    authorityFile: join(installation.root, "ca.pem"),
    now,
  });
}
