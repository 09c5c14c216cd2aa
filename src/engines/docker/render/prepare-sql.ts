import type { ServerStatement } from "../../../adapters/postgres/server-statement.ts";
import { quoteName, quoteText, SUPERUSER, SUPERUSER_DATABASE } from "../../../adapters/postgres/session.ts";
import { LOOKUP_ROLE, REPLICATION_ROLE, SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import type { DatabaseSpec } from "../../../domain/stack/kinds/database.ts";
import { temporaryName } from "../../../domain/stack/temporary-name.ts";
import { FOLLOWER, REPLICATION_CONNECTIONS } from "../kinds/replica.ts";
import { LOOKUP_CONNECTIONS } from "../postgres/pooler-lookup.ts";

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
    ...lines([SERVER_SQL.letIntoCommon(LOOKUP_ROLE), SERVER_SQL.shutOut(SUPERUSER_DATABASE), ...SERVER_SQL.lookup()]),
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

/** Stands for the role that psql makes up: another one each time, so that nobody can prepare for it. */
const MAKER = "the maker";
const MAKER_CONNECTIONS = 3;

function asMaker(statements: readonly ServerStatement[]): readonly string[] {
  return lines(statements).map((line) => line.replaceAll(quoteName(MAKER), ':"maker"').replace(quoteText(VERIFIER), ":'maker_password'"));
}

/** The lines, as somebody else in another database; then the superuser again, in its own. */
function within(database: string, { role, password }: { readonly role: string; readonly password: string }, statements: readonly string[]) {
  return [
    `\\setenv PGPASSWORD :${password}`,
    `\\connect ${quoteName(database)} ${role}`,
    ...statements,
    "\\setenv PGPASSWORD",
    `\\connect ${SUPERUSER_DATABASE} ${SUPERUSER}`,
    ...SUPERUSER_SESSION,
  ];
}

/** Whatever was set on it: PostgreSQL drops no template, and of one whose removal was interrupted nothing can be changed any more. */
function dropped(database: string): readonly string[] {
  const { text } = SERVER_SQL.giveUpDatabase(database);
  const there = `SELECT 1 FROM pg_catalog.pg_database WHERE datname = ${quoteText(database)} AND datconnlimit <> -2`;
  return [`SELECT ${quoteText(text)} WHERE EXISTS (${there}) \\gexec`, ...lines([SERVER_SQL.dropDatabase(database)])];
}

/** Makers that an interrupted preparation left: none may log in any more, and each goes unless something of a tenant's depends on it. */
function withoutMakers(): readonly string[] {
  const all = (statement: string) =>
    `SELECT pg_catalog.format('${statement}', rolname) FROM pg_catalog.pg_roles WHERE pg_catalog.starts_with(rolname::text, ${quoteText(temporaryName("renew", ""))}) \\gexec`;
  return [all("ALTER ROLE %I NOLOGIN PASSWORD NULL"), "\\set ON_ERROR_STOP off", all("DROP ROLE %I"), "\\set ON_ERROR_STOP on"];
}

/**
 * Made under another name, by a role that exists for this alone, and readied by the role that may build in it and never owns it, as the engine does. Where
 * a tenant's objects may be, the superuser has no session.
 */
function emptyDatabase({ name, role }: DatabaseSpec): readonly string[] {
  const making = temporaryName("new", name);
  return [
    ...dropped(making),
    ...withoutMakers(),
    `\\set maker \`printf '${temporaryName("renew", "")}%s' "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')"\``,
    "\\set maker_password `od -An -N24 -tx1 /dev/urandom | tr -d ' \\n'`",
    ...asMaker([
      SERVER_SQL.createRole(MAKER),
      SERVER_SQL.letRoleLogIn({ role: MAKER, verifier: VERIFIER, connections: MAKER_CONNECTIONS }),
      SERVER_SQL.letRoleActAs(MAKER, role),
      SERVER_SQL.createEmptyDatabase(making, MAKER),
      SERVER_SQL.shutOut(making),
      SERVER_SQL.openDatabase(making, true),
    ]),
    ...within(making, { role: ":maker", password: "maker_password" }, [`ALTER SCHEMA public OWNER TO ${quoteName(role)};`]),
    ...lines([SERVER_SQL.ownDatabase(making, SUPERUSER)]),
    'DROP ROLE :"maker";',
    ...lines([SERVER_SQL.letIn(making, role, "build")]),
    ...within(making, { role: quoteName(role), password: "password" }, [
      "CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;",
      "CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;",
    ]),
    ...lines([
      SERVER_SQL.plainDatabase(making),
      SERVER_SQL.resetDatabase(making),
      SERVER_SQL.shutOut(making, role),
      SERVER_SQL.letIn(making, role, "use"),
      SERVER_SQL.renameDatabase(making, name),
    ]),
  ];
}

/** How a session of the superuser begins. */
export const SUPERUSER_SESSION: readonly string[] = ["SET search_path TO pg_catalog, pg_temp;", "SET synchronous_commit TO local;"];
