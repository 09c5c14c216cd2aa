import { join } from "node:path";
import { sha256 } from "../../kernel/canonical.ts";

/** What the environment says; read once at the border, handed in everywhere else. A variable that is empty says nothing. */
export interface Surroundings {
  readonly uid: number;
  readonly home: string;
  readonly xdgStateHome: string | undefined;
  readonly xdgRuntimeDir: string | undefined;
  readonly keyFile: string | undefined;
  readonly databaseUrl: string | undefined;
  /** Instead of the usual folder for all installations, as tests and side-by-side copies want it. */
  readonly stateHome: string | undefined;
}

export function readSurroundings(env: NodeJS.ProcessEnv): Surroundings {
  return {
    uid: process.getuid?.() ?? -1,
    home: env["HOME"] || "/",
    xdgStateHome: env["XDG_STATE_HOME"] || undefined,
    xdgRuntimeDir: env["XDG_RUNTIME_DIR"] || undefined,
    keyFile: env["BALLAST_KEY_FILE"] || undefined,
    databaseUrl: env["BALLAST_DATABASE_URL"] || undefined,
    stateHome: env["BALLAST_STATE_HOME"] || undefined,
  };
}

/** Where one installation of a fleet keeps what it keeps. */
export interface Installation {
  readonly fleet: string;
  readonly root: string;
  readonly postgres: string;
  readonly keyFile: string;
  readonly tokenFile: string;
  /** Where the running control plane can be reached. */
  readonly serverFile: string;
  /** Says which end the last `down` was; a control plane that waits reads it. */
  readonly endFile: string;
  /** Left by a control plane that ended while its fleet was stopped: since when. */
  readonly stoppedFile: string;
  readonly logFile: string;
  readonly credentialsFile: string;
  readonly volatile: string;
  /** Shared by all fleets of the machine: images in the making, kept templates. */
  readonly cache: string;
}

/** Where root's installations are. */
export const MACHINE_HOME = "/var/lib/ballast";

/** The folder that holds all installations of this user on this machine. */
export function stateHome(around: Surroundings): string {
  if (around.stateHome !== undefined) return around.stateHome;
  if (around.uid === 0) return MACHINE_HOME;
  return join(around.xdgStateHome ?? join(around.home, ".local", "state"), "ballast");
}

/** The folder of root, who runs most fleets: another user finds nothing in their own and must not take that for nothing. */
export function homesOfOthers(around: Surroundings): readonly string[] {
  return around.stateHome === undefined && around.uid !== 0 ? [MACHINE_HOME] : [];
}

export function installationOf(around: Surroundings, fleet: string): Installation {
  const root = join(stateHome(around), fleet);
  const run = around.uid === 0 ? "/run/ballast" : join(around.xdgRuntimeDir ?? "/tmp", "ballast");
  return {
    fleet,
    root,
    postgres: join(root, "postgres"),
    keyFile: around.keyFile ?? join(root, "sealing.key"),
    tokenFile: join(root, "api.token"),
    serverFile: join(root, "server.json"),
    endFile: join(root, "ended"),
    stoppedFile: join(root, "stopped.json"),
    logFile: join(root, "server.log"),
    credentialsFile: join(root, "credentials"),
    // Two installations of one name, in two state folders, must not share secrets: hence the mark of the folder.
    volatile: join(run, `${fleet}-${sha256(root).slice(0, 6)}`),
    cache: join(stateHome(around), ".cache"),
  };
}
