import type { LoginRow, SettingsRow, TemporaryDatabaseRow } from "./server-rows.ts";
import { listed } from "./server-statement.ts";
import { quoteName, quoteText } from "./session.ts";
import { LOCK_SQL } from "./superuser-lock-sql.ts";
import { WATCH_SQL } from "./superuser-watch-sql.ts";

/** Looks up the passwords of others for the pooler, and can do nothing else. */
export const LOOKUP_ROLE = "ballast_pooler";
/** Of the server that follows another. */
export const REPLICATION_ROLE = "ballast_replication";
/** Owns everything inside templates and may never log in, except while one is made. */
export const TEMPLATE_OWNER = "ballast_template";

const PLAIN = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS";

export interface Login {
  readonly role: string;
  /** As `scramVerifier` makes it: a plain password could end in the server's log. */
  readonly verifier: string;
  readonly connections: number;
}

function creationOf(role: string): string {
  return `CREATE ROLE ${quoteName(role)} NOLOGIN ${PLAIN} NOREPLICATION`;
}

/** What makes or fills large objects. Whoever may connect to a database may call them, and what they make counts towards no quota. */
const LARGE_OBJECTS = [
  "lo_creat(int)",
  "lo_create(oid)",
  "lo_from_bytea(oid, bytea)",
  "lo_import(text)",
  "lo_import(text, oid)",
  "lo_export(oid, text)",
  "lo_open(oid, int)",
  "lowrite(int, bytea)",
  "lo_put(oid, bigint, bytea)",
  "lo_truncate(int, int)",
  "lo_truncate64(int, bigint)",
].map((name) => `pg_catalog.${name}`);

function labellingOf(role: string, labels: Readonly<Record<string, string>>): string {
  return `COMMENT ON ROLE ${quoteName(role)} IS ${quoteText(JSON.stringify(labels))}`;
}

/**
 * All SQL that Ballast runs as the superuser of a server that tenants use, in its database `postgres`. Each statement names catalogs and whole
 * databases or roles: none reads a table of a tenant, fires a trigger, or calls a function that a tenant could have made.
 */
export const SERVER_SQL = {
  ...LOCK_SQL,
  ...WATCH_SQL,
  databases: () =>
    listed<{ database: string; owner: string; open: boolean; invalid: boolean; identity: string; comment: string | null }>(
      `SELECT d.datname AS database, pg_catalog.pg_get_userbyid(d.datdba) AS owner, d.datallowconn AS open, d.datconnlimit = -2 AS invalid,
         s.description AS comment,
         (SELECT system_identifier FROM pg_catalog.pg_control_system())::text || '/' || d.oid::text AS identity
       FROM pg_catalog.pg_database d
       LEFT JOIN pg_catalog.pg_shdescription s ON s.objoid = d.oid AND s.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass`,
    ),
  /** Databases whose name nobody can declare (`temporaryName`): how old each is in seconds, and whether anybody is in it. */
  temporaryDatabases: () =>
    listed<TemporaryDatabaseRow>(
      `SELECT d.datname AS database, pg_catalog.pg_get_userbyid(d.datdba) AS owner, s.description AS comment, o.description AS owner_comment,
         pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()
           - (pg_catalog.pg_stat_file('base/' || d.oid::text || '/PG_VERSION', true)).modification) AS age,
         EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid) AS used
       FROM pg_catalog.pg_database d
       LEFT JOIN pg_catalog.pg_shdescription s ON s.objoid = d.oid AND s.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass
       LEFT JOIN pg_catalog.pg_shdescription o ON o.objoid = d.datdba AND o.classoid = 'pg_catalog.pg_authid'::pg_catalog.regclass
       WHERE pg_catalog.left(d.datname::text, 1) = '~' ORDER BY d.datname LIMIT 1000`,
    ),
  sizeOf: (database: string) => listed<{ bytes: string }>("SELECT pg_catalog.pg_database_size($1::name)::text AS bytes", [database]),
  /** Closed to all until somebody is let in: a new database lets everybody in. */
  createDatabase: (database: string, from: { readonly template: string; readonly owner: string }) =>
    listed(
      `CREATE DATABASE ${quoteName(database)} TEMPLATE ${quoteName(from.template)} OWNER ${quoteName(from.owner)} ALLOW_CONNECTIONS false`,
    ),
  createEmptyDatabase: (database: string, owner: string) =>
    listed(
      `CREATE DATABASE ${quoteName(database)} TEMPLATE template0 OWNER ${quoteName(owner)} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8' ALLOW_CONNECTIONS false`,
    ),
  dropDatabase: (database: string) => listed(`DROP DATABASE IF EXISTS ${quoteName(database)} WITH (FORCE)`),
  renameDatabase: (database: string, to: string) => listed(`ALTER DATABASE ${quoteName(database)} RENAME TO ${quoteName(to)}`),
  ownDatabase: (database: string, owner: string) => listed(`ALTER DATABASE ${quoteName(database)} OWNER TO ${quoteName(owner)}`),
  openDatabase: (database: string, open: boolean) => listed(`ALTER DATABASE ${quoteName(database)} ALLOW_CONNECTIONS ${open}`),
  /** One that is about to be dropped: PostgreSQL drops no template. */
  giveUpDatabase: (database: string) => listed(`ALTER DATABASE ${quoteName(database)} IS_TEMPLATE false ALLOW_CONNECTIONS false`),
  /** As a new one is, whatever its owner set. */
  plainDatabase: (database: string) =>
    listed(`ALTER DATABASE ${quoteName(database)} IS_TEMPLATE false ALLOW_CONNECTIONS true CONNECTION LIMIT -1`),
  markTemplate: (database: string, is: boolean) => listed(`ALTER DATABASE ${quoteName(database)} IS_TEMPLATE ${is}`),
  shutOut: (database: string, role?: string) =>
    listed(`REVOKE ALL ON DATABASE ${quoteName(database)} FROM ${role === undefined ? "PUBLIC" : quoteName(role)} CASCADE`),
  /** Roles that were let into a database, beside its owner. */
  letInto: (database: string) =>
    listed<{ role: string }>(
      `SELECT DISTINCT pg_catalog.pg_get_userbyid(a.grantee) AS role FROM pg_catalog.pg_database d, pg_catalog.aclexplode(d.datacl) a
       WHERE d.datname = $1::name AND a.grantee NOT IN (0, d.datdba)`,
      [database],
    ),
  letIn: (database: string, role: string, may: "use" | "build") =>
    listed(`GRANT CONNECT, TEMPORARY${may === "build" ? ", CREATE" : ""} ON DATABASE ${quoteName(database)} TO ${quoteName(role)}`),
  labelDatabase: (database: string, labels: Readonly<Record<string, string>>) =>
    listed(`COMMENT ON DATABASE ${quoteName(database)} IS ${quoteText(JSON.stringify(labels))}`),
  endSessions: (database: string) =>
    listed("SELECT pg_catalog.pg_terminate_backend(pid, 5000) FROM pg_catalog.pg_stat_activity WHERE datname = $1::name", [database]),
  /** `template1` is nobody's; who may connect to `postgres` is said role by role. */
  closeCommonDatabases: () => [
    listed("REVOKE ALL ON DATABASE template1 FROM PUBLIC"),
    listed(`REVOKE EXECUTE ON FUNCTION ${LARGE_OBJECTS.join(", ")} FROM PUBLIC`),
  ],
  /** Whether that is done: each statement writes, and two at once refuse each other. */
  areCommonClosed: () =>
    listed<{ closed: boolean }>(
      `SELECT NOT COALESCE(pg_catalog.bool_or(a.grantee = 0), false) AS closed FROM (
         SELECT COALESCE(d.datacl, pg_catalog.acldefault('d', d.datdba)) AS acl FROM pg_catalog.pg_database d WHERE d.datname = 'template1'
         UNION ALL SELECT COALESCE(p.proacl, pg_catalog.acldefault('f', p.proowner)) FROM pg_catalog.pg_proc p
         WHERE p.oid = ANY (ARRAY[${LARGE_OBJECTS.map((name) => quoteText(name)).join(", ")}]::pg_catalog.regprocedure[])
       ) o, pg_catalog.aclexplode(o.acl) a`,
    ),
  /** Who has rights on the database `postgres`, and whether to connect to it; no role where all have. */
  commonAccess: () =>
    listed<{ role: string | null; connects: boolean }>(
      `SELECT CASE WHEN a.grantee <> 0 THEN pg_catalog.pg_get_userbyid(a.grantee) END AS role, pg_catalog.bool_or(a.privilege_type = 'CONNECT') AS connects
       FROM pg_catalog.pg_database d, pg_catalog.aclexplode(COALESCE(d.datacl, pg_catalog.acldefault('d', d.datdba))) a
       WHERE d.datname = 'postgres' GROUP BY a.grantee`,
    ),
  letIntoCommon: (role: string) => listed(`GRANT CONNECT ON DATABASE postgres TO ${quoteName(role)}`),
  /** Sessions in the database `postgres` that could not begin any more. */
  endUnwelcome: () =>
    listed(
      `SELECT pg_catalog.pg_terminate_backend(a.pid, 5000) FROM pg_catalog.pg_stat_activity a
       WHERE a.datname = 'postgres' AND a.usesysid IS NOT NULL AND NOT pg_catalog.has_database_privilege(a.usesysid, a.datid, 'CONNECT')`,
    ),

  role: (role: string) =>
    listed<{ privileged: boolean; comment: string | null }>(
      `SELECT r.rolsuper OR r.rolcreaterole OR r.rolreplication OR r.rolbypassrls AS privileged, s.description AS comment
       FROM pg_catalog.pg_roles r
       LEFT JOIN pg_catalog.pg_shdescription s ON s.objoid = r.oid AND s.classoid = 'pg_catalog.pg_authid'::pg_catalog.regclass
       WHERE r.rolname = $1::name`,
      [role],
    ),
  /** Cut where a tenant could make them long: a role may change its own password and settings. */
  logins: () =>
    listed<LoginRow>(
      `SELECT r.rolname AS role, r.rolcanlogin AS login, r.rolconnlimit AS connections, pg_catalog.left(r.rolpassword, 256) AS verifier,
         COALESCE(r.rolvaliduntil < 'infinity'::pg_catalog.timestamptz, false) AS ends,
         pg_catalog.array_remove(ARRAY[CASE WHEN r.rolsuper THEN 'SUPERUSER' END, CASE WHEN r.rolcreatedb THEN 'CREATEDB' END,
           CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END, CASE WHEN r.rolreplication THEN 'REPLICATION' END,
           CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END], NULL) AS rights
       FROM pg_catalog.pg_authid r`,
    ),
  roleSettings: () =>
    listed<SettingsRow>(
      `SELECT r.rolname AS role, d.datname AS database,
         ARRAY(SELECT pg_catalog.left(one, 200) FROM pg_catalog.unnest(s.setconfig[1:50]) AS one) AS settings
       FROM pg_catalog.pg_db_role_setting s
       LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
       LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase`,
    ),
  roleLabels: () =>
    listed<{ role: string; comment: string | null }>(
      `SELECT r.rolname AS role, s.description AS comment
       FROM pg_catalog.pg_roles r
       JOIN pg_catalog.pg_shdescription s ON s.objoid = r.oid AND s.classoid = 'pg_catalog.pg_authid'::pg_catalog.regclass`,
    ),
  createRole: (role: string) => listed(creationOf(role)),
  /** Made, or renamed, with what it says of itself: two statements in one message are one transaction, so that no role is ever without its label. */
  createLabelledRole: (role: string, labels: Readonly<Record<string, string>>) =>
    listed(`${creationOf(role)}; ${labellingOf(role, labels)}`),
  renameLabelledRole: (role: string, to: string, labels: Readonly<Record<string, string>>) =>
    listed(`ALTER ROLE ${quoteName(role)} RENAME TO ${quoteName(to)}; ${labellingOf(to, labels)}`),
  /** The role of a tenant, of the pooler, or of work that ends: logs in, owns what is in its database, and can do nothing beside it. */
  letRoleLogIn: ({ role, verifier, connections }: Login) =>
    listed(
      `ALTER ROLE ${quoteName(role)} LOGIN ${PLAIN} NOREPLICATION CONNECTION LIMIT ${connections} PASSWORD ${quoteText(verifier)} VALID UNTIL 'infinity'`,
    ),
  letFollowerLogIn: ({ verifier, connections }: Omit<Login, "role">) =>
    listed(`ALTER ROLE ${REPLICATION_ROLE} LOGIN ${PLAIN} REPLICATION CONNECTION LIMIT ${connections} PASSWORD ${quoteText(verifier)}`),
  letNobodyLogIn: (role: string) => listed(`ALTER ROLE ${quoteName(role)} NOLOGIN PASSWORD NULL`),
  superuserPassword: (verifier: string) => listed(`ALTER ROLE postgres PASSWORD ${quoteText(verifier)}`),
  /** These and no others, in one transaction: no session begins between. */
  setOnlyForRole: (role: string, settings: Readonly<Record<string, string>>) =>
    listed(
      [
        `ALTER ROLE ${quoteName(role)} RESET ALL`,
        ...Object.entries(settings).map(([name, value]) => `ALTER ROLE ${quoteName(role)} SET ${quoteName(name)} TO ${quoteText(value)}`),
      ].join("; "),
    ),
  resetRoleIn: (role: string, database: string) => listed(`ALTER ROLE ${quoteName(role)} IN DATABASE ${quoteName(database)} RESET ALL`),
  resetDatabase: (database: string) => listed(`ALTER DATABASE ${quoteName(database)} RESET ALL`),
  labelRole: (role: string, labels: Readonly<Record<string, string>>) => listed(labellingOf(role, labels)),
  /** Of work that hands objects from one role to another, and of nobody else. */
  letRoleActAs: (role: string, as: string) => listed(`GRANT ${quoteName(as)} TO ${quoteName(role)}`),
  /** Waits two seconds for whoever names the role in a transaction that is open, not for as long as they like. */
  dropRole: (role: string) => listed(`SET LOCAL lock_timeout = '2s'; DROP ROLE IF EXISTS ${quoteName(role)}`),
  /** A role that cannot be dropped yet: another name, no login and no password, in one transaction. */
  retireRole: (role: string, to: string, labels: Readonly<Record<string, string>>) =>
    listed(
      `ALTER ROLE ${quoteName(role)} RENAME TO ${quoteName(to)}; ${labellingOf(to, labels)}; ALTER ROLE ${quoteName(to)} NOLOGIN PASSWORD NULL`,
    ),
  memberships: (role: string) =>
    listed<{ granted: string; to: string }>(
      `SELECT pg_catalog.pg_get_userbyid(roleid) AS granted, pg_catalog.pg_get_userbyid(member) AS to FROM pg_catalog.pg_auth_members
       WHERE $1::name IN (pg_catalog.pg_get_userbyid(roleid), pg_catalog.pg_get_userbyid(member)) LIMIT 1000`,
      [role],
    ),
  letRoleNoLongerActAs: (role: string, as: string) => listed(`REVOKE ${quoteName(as)} FROM ${quoteName(role)}`),
  /** Roles whose name nobody can declare (`temporaryName`), with what they say of themselves. */
  temporaryRoles: () =>
    listed<{ role: string; comment: string | null }>(
      `SELECT r.rolname AS role, s.description AS comment FROM pg_catalog.pg_roles r
       LEFT JOIN pg_catalog.pg_shdescription s ON s.objoid = r.oid AND s.classoid = 'pg_catalog.pg_authid'::pg_catalog.regclass
       WHERE pg_catalog.left(r.rolname::text, 1) = '~' ORDER BY r.rolname DESC LIMIT 1000`,
    ),
  endSessionsOf: (role: string) =>
    listed("SELECT pg_catalog.pg_terminate_backend(pid, 5000) FROM pg_catalog.pg_stat_activity WHERE usename = $1::name", [role]),
  /** Some of a role's large objects in the database `postgres`: each takes a lock, and the table of locks is everybody's. */
  unlinkLargeObjects: (role: string) =>
    listed(
      `SELECT pg_catalog.lo_unlink(o.oid) FROM (SELECT oid FROM pg_catalog.pg_largeobject_metadata
       WHERE pg_catalog.pg_get_userbyid(lomowner) = $1::name LIMIT 500) o`,
      [role],
    ),
  /**
   * What a role owns or was granted in the database `postgres`, and no other: rows of the catalog. Nobody may make tables, functions or event triggers
   * there, so nothing of a tenant's runs.
   */
  dropOwned: (role: string) => listed(`SET LOCAL lock_timeout = '2s'; DROP OWNED BY ${quoteName(role)}`),

  roleNames: () =>
    listed<{ id: string; name: string; superuser: boolean }>(
      "SELECT oid::text AS id, rolname AS name, rolsuper AS superuser FROM pg_catalog.pg_authid",
    ),
  databaseNames: () => listed<{ id: string; name: string }>("SELECT oid::text AS id, datname AS name FROM pg_catalog.pg_database"),
  /** What it held is free once it is gone: with a wait in milliseconds it is gone afterwards, or said not to be. Without, it is only asked. */
  endSession: (pid: string, wait: string) => listed("SELECT pg_catalog.pg_terminate_backend($1::int, $2::int)", [pid, wait]),

  /** Has every commit wait for these followers, or for nobody. */
  waitForFollowers: (names: string) => [
    listed(`ALTER SYSTEM SET synchronous_standby_names = ${quoteText(names)}`),
    listed("SELECT pg_catalog.pg_reload_conf()"),
  ],
  slot: (name: string) => listed("SELECT 1 FROM pg_catalog.pg_replication_slots WHERE slot_name = $1::name", [name]),
  createSlot: (name: string) => listed("SELECT pg_catalog.pg_create_physical_replication_slot($1::name)", [name]),
  endSlotSession: (name: string) =>
    listed(
      "SELECT pg_catalog.pg_terminate_backend(active_pid, 5000) FROM pg_catalog.pg_replication_slots WHERE slot_name = $1::name AND active",
      [name],
    ),
  dropSlot: (name: string) =>
    listed("SELECT pg_catalog.pg_drop_replication_slot(slot_name) FROM pg_catalog.pg_replication_slots WHERE slot_name = $1::name", [name]),
  streaming: (name: string) =>
    listed("SELECT 1 FROM pg_catalog.pg_stat_replication WHERE application_name = $1 AND state = 'streaming'", [name]),
  /** The same of one that connected since, in seconds since 1970: for a moment the stream of a follower that was just ended is still there. */
  streamingSince: (name: string, seconds: string) =>
    listed(
      `SELECT 1 FROM pg_catalog.pg_stat_replication
       WHERE application_name = $1 AND state = 'streaming' AND backend_start >= pg_catalog.to_timestamp($2::float8)`,
      [name, seconds],
    ),

  /** The function that hands the pooler a role's SCRAM verifier: never a privileged one's, never to anybody else, and in this database only. */
  lookup: () => [
    listed("CREATE SCHEMA IF NOT EXISTS ballast"),
    listed("REVOKE ALL ON SCHEMA ballast FROM PUBLIC"),
    listed(`GRANT USAGE ON SCHEMA ballast TO ${LOOKUP_ROLE}`),
    listed(`CREATE OR REPLACE FUNCTION ballast.verifier_of(wanted text) RETURNS TABLE (username text, verifier text)
   LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
     SELECT rolname::text, rolpassword FROM pg_catalog.pg_authid
     WHERE rolname = wanted AND rolcanlogin AND NOT rolsuper AND NOT rolreplication AND NOT rolcreaterole $$`),
    listed("REVOKE ALL ON FUNCTION ballast.verifier_of(text) FROM PUBLIC"),
    listed(`GRANT EXECUTE ON FUNCTION ballast.verifier_of(text) TO ${LOOKUP_ROLE}`),
  ],
} as const;
