import type { Writable } from "node:stream";
import type { LoadedFleet } from "../domain/fleet/model.ts";
import type { CodeTable } from "../kernel/problem.ts";

/** Where an installation keeps what the command line reads. */
export interface InstallationPlaces {
  readonly fleet: string;
  readonly root: string;
  readonly tokenFile: string;
  readonly keyFile: string;
  readonly serverFile: string;
  /** Written by `down`, another text each time. */
  readonly endFile: string;
  /** Left by a control plane that ended while its fleet was stopped. */
  readonly stoppedFile: string;
  readonly logFile: string;
  readonly credentialsFile: string;
  readonly authorityFile: string;
  readonly volatile: string;
}

export interface Installations {
  /** The folder that holds all installations of this user on this machine. */
  readonly home: string;
  /** Where installations of others may be, which this user may not be allowed to see. */
  readonly elsewhere?: readonly string[];
  of(fleet: string): InstallationPlaces;
}

/** What a fleet asks of the machine that is to run it. */
export interface MachineNeeds {
  /** Only `packages` needs the tools that make images. */
  readonly images: "packages" | "registry";
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

export interface DoctorFinding {
  readonly id: string;
  /** `missing` can be repaired on this machine, `refused` cannot be repaired by Ballast, `warning` stops nothing. */
  readonly state: "ok" | "missing" | "refused" | "warning";
  readonly text: string;
  readonly remedy?: string;
  /** True where `install` can repair it. */
  readonly installable?: boolean;
}

export interface SupersededImage {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
}

export interface Machine {
  examine(needs: MachineNeeds): Promise<readonly DoctorFinding[]>;
  /** What is true of the machine and its fleets besides; tells of what should be looked at. */
  page(): Promise<readonly DoctorFinding[]>;
  /** Images of Ballast that nobody uses any more. */
  superseded(): Promise<readonly SupersededImage[]>;
  /** Removes of these what is still unused; says what is gone. */
  prune(ids: readonly string[]): Promise<readonly SupersededImage[]>;
  /** Repairs findings by their ids, in the order in which they were found. */
  install(steps: readonly string[], onLine: (line: string) => void): Promise<void>;
}

export interface ServeRequest {
  readonly fleet: string;
  /** The first free port from here on is taken. */
  readonly port: number;
  /** Seconds to wait for another leader of the same fleet to end. */
  readonly waitSeconds: number;
}

/** A control plane that was started and lives on by itself. */
export interface SpawnedServer {
  readonly pid: number;
  /** Resolves when it ends, with its exit code. */
  readonly ended: Promise<number>;
}

/** What starts a fleet's control plane with the machine, as it is now. */
export interface Service {
  readonly unit: string;
  readonly file: string;
  /** The unit as it would be written now. */
  readonly text: string;
  /** Whether anything starts services here. */
  readonly systemd: boolean;
  readonly installed: boolean;
  readonly outdated: boolean;
  readonly enabled: boolean;
  readonly active: boolean;
  install(): Promise<void>;
  remove(): Promise<void>;
}

/** A Compose project, before anything of it is written down. */
export interface RenderedProject {
  readonly compose: object;
  readonly files: readonly { readonly path: string; readonly content: string; readonly secret: boolean; readonly what: string }[];
  readonly notes: readonly string[];
}

export interface ImageSbom {
  readonly image: string;
  readonly document?: { readonly bomFormat: string; readonly components: readonly object[] };
}

/** What the command line reaches the rest of the program through; `main.ts` fills it, and loads each part when it is first asked for. */
export interface Ports {
  installations(): Promise<Installations>;
  machine(): Promise<Machine>;
  /** Runs a control plane in this process until it is told to stop; resolves with the exit code. */
  serve(request: ServeRequest): Promise<number>;
  /** What tells this program from others of the same version. */
  build(): Promise<string>;
  spawnServer(fleet: string, desired?: { readonly giveUpLost?: boolean }): Promise<SpawnedServer>;
  service(fleet: string): Promise<Service>;
  /** The fleet as a Compose project; its secrets are recreated each time, and are of no use until they are written down. */
  renderCompose(loaded: LoadedFleet): Promise<RenderedProject>;
  /** What is inside each image; without a document where an image is not on this machine. */
  sboms(): Promise<readonly ImageSbom[]>;
  /** Every table of problem codes. */
  codeTables(): Promise<readonly CodeTable[]>;
}

export interface Stream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** Everything a command may know or touch. */
export interface CliContext {
  readonly ports: Ports;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly now: () => number;
  readonly random: () => string;
  readonly version: string;
  /** Catches Ctrl-C from now on; until then it ends the process as usual. */
  readonly catchInterrupt: () => AbortSignal;
  /** How the process will end. */
  readonly end: (exit: number) => void;
}
