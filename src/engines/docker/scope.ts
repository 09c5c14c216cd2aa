import type Dockerode from "dockerode";
import type { SqlSession, SqlTarget } from "../../adapters/postgres/session.ts";
import type { EndedSession } from "../engine.ts";

/** Who owns an object: one installation of one fleet. Two clones of a fleet on one host have different instances and do not fight. */
export interface Ownership {
  readonly fleet: string;
  /** Eight hex digits, chosen once and kept in the store. */
  readonly instance: string;
}

export interface ResolvedImage {
  readonly reference: string;
  readonly imageId: string;
  readonly packages: Readonly<Record<string, string>>;
}

/** What the parts of the Docker engine work with. */
export interface Scope {
  readonly docker: Dockerode;
  readonly owner: Ownership;
  readonly paths: Paths;
  /** CIDR from which small subnets for boundaries are taken. */
  readonly subnets: () => Promise<string>;
  /** The image of a reference, built or pulled when it is not there. */
  readonly image: (reference: string, progress: (line: string) => void, signal: AbortSignal) => Promise<ResolvedImage>;
  readonly sql: (target: SqlTarget, statementSeconds?: number) => Promise<SqlSession>;
  readonly now: () => number;
  /** Sessions on database servers that were ended since a statement waited for them, and are not told yet. */
  readonly ended: EndedSession[];
}

export interface Paths {
  /** On tmpfs: secrets, configuration files with passwords, keys. Gone after a reboot, made again from the store. */
  readonly volatile: string;
  /** Routes for the ingress, the authority's certificate. */
  readonly state: string;
  /** Templates by content, shared by all fleets of the machine. */
  readonly cache: string;
}

/** The numeric user that every image runs as. */
export const RUNS_AS = 10_001;
