import { quoteName, quoteText, SUPERUSER, SUPERUSER_DATABASE } from "../../../adapters/postgres/session.ts";
import { LOOKUP_ROLE, REPLICATION_ROLE, SERVER_SQL, type ServerStatement } from "../../../adapters/postgres/superuser-sql.ts";
import type { DatabaseSpec } from "../../../domain/stack/kinds/database.ts";
import { temporaryName } from "../../../domain/stack/temporary-name.ts";
import { LOOKUP_CONNECTIONS } from "../kinds/pooler.ts";
import { FOLLOWER, REPLICATION_CONNECTIONS } from "../kinds/replica.ts";

const VERIFIER = "the verifier";

/** Reads a password from a file where psql runs, so that the statements hold none. */
function readPassword(file: string): string {
  return `\\set password \`cat ${file}\``;
}

/** The statement that takes a verifier, with the password that psql has read in its place. */
function withPassword({ text }: ServerStatement): string {
  return `${text.replace(quoteText(VERIFIER), ":'password'")};`;
}

function lines(statements: readonly ServerStatement[]): readonly string[] {
  return statements.map(({ text }) => `${text};`);
}

function roleIfMissing(role: string): string {
  const { text } = SERVER_SQL.createRole(role);
  return `SELECT ${quoteText(text)} WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = ${quoteText(role)}) \\gexec`;
}

/** What every server needs before anybody connects. */
export function commonSql(lookupPassword: string): readonly string[] {
  return [
    ...lines(SERVER_SQL.closeCommonDatabases()),
    roleIfMissing(LOOKUP_ROLE),
    readPassword(lookupPassword),
    withPassword(SERVER_SQL.letRoleLogIn({ role: LOOKUP_ROLE, verifier: VERIFIER, connections: LOOKUP_CONNECTIONS })),
    ...lines(SERVER_SQL.lookup()),
  ];
}

/** A role and a slot for the server that follows. */
export function replicationSql(passwordFile: string): readonly string[] {
  const slot = quoteText(FOLLOWER);
  return [
    roleIfMissing(REPLICATION_ROLE),
    readPassword(passwordFile),
    withPassword(SERVER_SQL.letFollowerLogIn({ verifier: VERIFIER, connections: REPLICATION_CONNECTIONS })),
    `SELECT pg_create_physical_replication_slot(${slot}) WHERE NOT EXISTS (SELECT 1 FROM pg_replication_slots WHERE slot_name = ${slot});`,
  ];
}

/** The role of an environment, which owns nothing but what is in its database, and that database, empty. */
export function databaseSql(spec: DatabaseSpec, passwordFile: string): readonly string[] {
  return [
    roleIfMissing(spec.role),
    readPassword(passwordFile),
    withPassword(SERVER_SQL.letRoleLogIn({ role: spec.role, verifier: VERIFIER, connections: spec.connectionLimit })),
    ...lines([SERVER_SQL.setOnlyForRole(spec.role, spec.settings)]),
    `SELECT NOT EXISTS (SELECT 1 FROM pg_catalog.pg_database WHERE datname = ${quoteText(spec.name)}) AS missing \\gset`,
    "\\if :missing",
    ...emptyDatabase(spec),
    "\\endif",
  ];
}

/** Made under another name and readied by its own role: where a tenant's objects may be, the superuser has no session. */
function emptyDatabase({ name, role }: DatabaseSpec): readonly string[] {
  const making = temporaryName("new", name);
  return [
    ...lines([
      SERVER_SQL.dropDatabase(making),
      SERVER_SQL.createEmptyDatabase(making, role),
      SERVER_SQL.shutOut(making),
      SERVER_SQL.openDatabase(making, true),
    ]),
    "\\setenv PGPASSWORD :password",
    `\\connect ${quoteName(making)} ${quoteName(role)}`,
    "CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;",
    "CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;",
    `ALTER SCHEMA public OWNER TO ${quoteName(role)};`,
    "\\setenv PGPASSWORD",
    `\\connect ${SUPERUSER_DATABASE} ${SUPERUSER}`,
    ...SUPERUSER_SESSION,
    ...lines([SERVER_SQL.ownDatabase(making, SUPERUSER), SERVER_SQL.letIn(making, role, "use"), SERVER_SQL.renameDatabase(making, name)]),
  ];
}

/** How a session of the superuser begins. */
export const SUPERUSER_SESSION: readonly string[] = ["SET search_path TO pg_catalog, pg_temp;", "SET synchronous_commit TO local;"];
