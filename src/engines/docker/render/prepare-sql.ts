import { quoteName, quoteText } from "../../../adapters/postgres/session.ts";
import type { DatabaseSpec } from "../../../domain/stack/kinds/database.ts";
import { LOOKUP, LOOKUP_ROLE } from "../kinds/pooler.ts";
import { COMMON_DATABASES } from "../kinds/postgres.ts";
import { FOLLOWER, REPLICATION_ROLE } from "../kinds/replica.ts";

/** Reads a password from a file where psql runs, so that the statements hold none. */
function withPassword(file: string, statements: readonly string[]): readonly string[] {
  return [`\\set password \`cat ${file}\``, ...statements.map((statement) => `${statement};`)];
}

function roleIfMissing(role: string): string {
  return `SELECT ${quoteText(`CREATE ROLE ${quoteName(role)}`)} WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = ${quoteText(role)}) \\gexec`;
}

/** What every server needs before anybody connects. */
export function commonSql(lookupPassword: string): readonly string[] {
  return [
    ...COMMON_DATABASES.map((statement) => `${statement};`),
    roleIfMissing(LOOKUP_ROLE),
    ...withPassword(lookupPassword, [
      `ALTER ROLE ${LOOKUP_ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 8 PASSWORD :'password'`,
      ...LOOKUP,
    ]),
  ];
}

/** A role and a slot for the server that follows. */
export function replicationSql(passwordFile: string): readonly string[] {
  const slot = quoteText(FOLLOWER);
  return [
    roleIfMissing(REPLICATION_ROLE),
    ...withPassword(passwordFile, [
      `ALTER ROLE ${REPLICATION_ROLE} LOGIN REPLICATION CONNECTION LIMIT 4 PASSWORD :'password'`,
      `SELECT pg_create_physical_replication_slot(${slot}) WHERE NOT EXISTS (SELECT 1 FROM pg_replication_slots WHERE slot_name = ${slot})`,
    ]),
  ];
}

/** The role of an environment, which owns nothing but what is in its database, and that database, empty. */
export function databaseSql(spec: DatabaseSpec, passwordFile: string): readonly string[] {
  const [name, role] = [quoteName(spec.name), quoteName(spec.role)];
  const create = `CREATE DATABASE ${name} OWNER postgres TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'`;
  const login = `LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT ${spec.connectionLimit}`;
  return [
    roleIfMissing(spec.role),
    ...withPassword(passwordFile, [`ALTER ROLE ${role} ${login} PASSWORD :'password'`]),
    ...Object.entries(spec.settings).map(([key, value]) => `ALTER ROLE ${role} SET ${quoteName(key)} TO ${quoteText(value)};`),
    `SELECT ${quoteText(create)} WHERE NOT EXISTS (SELECT 1 FROM pg_database WHERE datname = ${quoteText(spec.name)}) \\gexec`,
    `REVOKE ALL ON DATABASE ${name} FROM PUBLIC;`,
    `GRANT CONNECT, TEMPORARY ON DATABASE ${name} TO ${role};`,
    `\\connect ${name}`,
    "CREATE EXTENSION IF NOT EXISTS pg_trgm;",
    "CREATE EXTENSION IF NOT EXISTS unaccent;",
    `ALTER SCHEMA public OWNER TO ${role};`,
    "\\connect postgres",
  ];
}
