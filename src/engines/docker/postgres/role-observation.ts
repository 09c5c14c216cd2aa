import { isVerifierOf } from "../../../adapters/postgres/scram.ts";
import type { LoginRow, SettingsRow } from "../../../adapters/postgres/server-rows.ts";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import type { SecretSpec } from "../../../domain/stack/kinds/secret.ts";
import { type LoginRole, type PlacedSettings, roleEdits } from "../../../domain/stack/login-role.ts";
import { nameOf, type StackNode } from "../../../domain/stack/node.ts";
import type { Edit } from "../../../domain/stack/observation.ts";
import { sha256 } from "../../../kernel/canonical.ts";
import { materialised, writtenSpec } from "../container/files.ts";
import type { Scope } from "../scope.ts";

/** All roles of a server, with what a password is compared with: held for one look, and told to nobody. */
export interface ServerRoles {
  readonly logins: ReadonlyMap<string, LoginRow>;
  readonly settings: readonly SettingsRow[];
}

/** Two statements for all roles of a server. */
export async function rolesOf(session: ServerSession): Promise<ServerRoles> {
  const logins = await session.run(SERVER_SQL.logins());
  return { logins: new Map(logins.map((row) => [row.role, row])), settings: await session.run(SERVER_SQL.roleSettings()) };
}

type Declared = Pick<StackNode<"database">, "spec" | "uses">;

/** How the role of a database differs from what it was given when it was last applied. `database` is the name under which it stands. */
export async function editsOfRole(
  scope: Pick<Scope, "paths">,
  roles: ServerRoles,
  { declared, database }: { readonly declared: Declared; readonly database: string },
): Promise<readonly Edit[]> {
  return differences(roles, { spec: declared.spec, database, password: await knownPassword(scope, declared) });
}

export interface GivenRole {
  readonly spec: Pick<StackNode<"database">["spec"], "role" | "connectionLimit" | "settings">;
  readonly database: string;
  /** Undefined where it cannot be told now. */
  readonly password: string | undefined;
}

/** How a role differs from what it is to be given. */
export function differences(roles: ServerRoles, { spec, database, password }: GivenRole): readonly Edit[] {
  const { role, connectionLimit, settings } = spec;
  const row = roles.logins.get(role);
  const found = row === undefined ? undefined : foundRole(row, { password, settings: settingsFor(roles, role, database) });
  return roleEdits({ role, connectionLimit, settings }, found);
}

function foundRole(
  row: LoginRow,
  more: { readonly password: string | undefined; readonly settings: readonly PlacedSettings[] },
): LoginRole {
  const { login, connections, rights, ends, verifier } = row;
  const password = more.password === undefined ? undefined : opens(more.password, verifier);
  return { login, connections, rights, ends, password, settings: more.settings };
}

function settingsFor({ settings }: ServerRoles, role: string, database: string): readonly PlacedSettings[] {
  return settings.flatMap((row): PlacedSettings[] => {
    if (row.role === role) return [{ place: row.database === null ? "role" : "database", settings: row.settings }];
    return row.role === null && row.database === database ? [{ place: "database", settings: row.settings }] : [];
  });
}

/** The password that the database was last told; undefined while it is not written down, or only another generation of it. */
async function knownPassword(scope: Pick<Scope, "paths">, { uses }: Declared): Promise<string | undefined> {
  const edge = uses.find((use) => use.as === "credential" && nameOf(use.to) === "role-password");
  if (edge === undefined) return undefined;
  const written = (await writtenSpec(scope, edge.to)) as SecretSpec | undefined;
  if (written?.generation !== (edge.generation ?? 1)) return undefined;
  const value = await materialised(scope, edge.to);
  return value === "" ? undefined : value;
}

/** Some milliseconds of work each: what was compared is remembered, by its hash, and forgotten once that are many. */
const compared = new Map<string, boolean>();
const MOST_COMPARED = 2000;

function opens(password: string, verifier: string | null): boolean {
  if (verifier === null) return false;
  const key = sha256(`${verifier} ${password}`);
  const known = compared.get(key);
  if (known !== undefined) return known;
  if (compared.size >= MOST_COMPARED) compared.clear();
  const answer = isVerifierOf(verifier, password);
  compared.set(key, answer);
  return answer;
}
