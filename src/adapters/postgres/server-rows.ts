/** What all sessions share, beside one of them, or beside nothing (`pid` null) where none is told of. */
export type ActivityRow = SharedState & (SessionRow | { readonly pid: null });

/** How full the queue of notifications is, and how many places the table of locks has (PostgreSQL, `NLOCKENTS`): that changes with a restart only. */
interface SharedState {
  readonly full: number;
  readonly places: number;
}

/** A session as the server tells it, and how many places of the table of locks it has. */
export interface SessionRow {
  readonly pid: number;
  /** Null of a worker of the server's own. */
  readonly role: string | null;
  readonly database: string;
  readonly worker: boolean;
  /** A worker that evaluates functions of a tenant's indexes. */
  readonly computes: boolean;
  readonly state: string | null;
  readonly began: number | null;
  readonly changed: number | null;
  readonly locks: number;
}

/** A database that is being made, or was. `age` is null where its files tell nothing. */
export interface TemporaryDatabaseRow {
  readonly database: string;
  readonly owner: string;
  readonly comment: string | null;
  readonly owner_comment: string | null;
  readonly age: number | null;
  readonly used: boolean;
}

/** A role, and what a password of it can be compared with. */
export interface LoginRow {
  readonly role: string;
  readonly login: boolean;
  readonly connections: number;
  readonly rights: readonly string[];
  readonly ends: boolean;
  readonly verifier: string | null;
}

/** Settings that sessions begin with: of a role, of all in a database, or of a role in a database. */
export interface SettingsRow {
  readonly role: string | null;
  readonly database: string | null;
  readonly settings: readonly string[];
}
