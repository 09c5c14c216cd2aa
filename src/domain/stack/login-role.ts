import { bounded, NAME } from "../../kernel/foreign-text.ts";
import type { DatabaseSpec } from "./kinds/database.ts";
import type { Edit } from "./observation.ts";

/** The role of a tenant as its server tells it. */
export interface LoginRole {
  readonly login: boolean;
  readonly connections: number;
  /** What it may do beside its own database: `SUPERUSER`, `CREATEDB`. */
  readonly rights: readonly string[];
  /** True where its password ends some day. */
  readonly ends: boolean;
  /** Whether the password that it was given lets it in; undefined where that cannot be told now. */
  readonly password: boolean | undefined;
  /** Settings that its sessions begin with, by the place where they stand. */
  readonly settings: readonly PlacedSettings[];
}

export interface PlacedSettings {
  /** `role`: wherever it connects. `database`: in one database, for it alone or for everybody. */
  readonly place: "role" | "database";
  /** Each `name=value`. */
  readonly settings: readonly string[];
}

/** More settings than these are counted, not named. */
const NAMED = 8;

type Declared = Pick<DatabaseSpec, "role" | "connectionLimit" | "settings">;

/**
 * How the role of a database differs from what it was given. Its owner may change its password and its settings by SQL: sessions that are open go on, and
 * each new one fails, or begins with something else. All of it is put back while the database serves. No value that somebody set is told, for it may be a secret.
 */
export function roleEdits(declared: Declared, found: LoginRole | undefined): readonly Edit[] {
  const { role, connectionLimit } = declared;
  if (found === undefined) return [edit("role", role, "gone")];
  return [
    ...(found.login ? [] : [edit("role may log in", true, false)]),
    ...(found.connections === connectionLimit ? [] : [edit("connectionLimit", connectionLimit, found.connections)]),
    ...(found.rights.length === 0 ? [] : [edit("rights of the role", "none", found.rights.join(", "))]),
    ...(found.ends ? [rested(edit("end of the role's password", "never", "some day"), "password")] : []),
    ...(found.password === false ? [rested(edit("password of the role", "as given", "another"), "password")] : []),
    ...settingEdits(declared.settings, found.settings).map((one) => rested(one, "settings")),
  ];
}

function edit(field: string, made: Edit["made"], found: Edit["found"]): Edit {
  return { field, made, found, repair: "live" };
}

/** What its owner may set by SQL, again and again, and what only its own sessions notice. */
function rested(one: Edit, rests: string): Edit {
  return { ...one, rests };
}

function settingEdits(declared: Declared["settings"], found: LoginRole["settings"]): readonly Edit[] {
  const ofRole = new Map(found.filter((one) => one.place === "role").flatMap((one) => one.settings.map(nameAndValue)));
  const inDatabase = found.filter((one) => one.place === "database").flatMap((one) => one.settings.map(nameAndValue));
  const changed = Object.entries(declared).flatMap(([name, value]) =>
    ofRole.get(name) === value ? [] : [edit(`setting ${name}`, value, ofRole.has(name) ? "another value" : undefined)],
  );
  const others = [...ofRole.keys()].filter((name) => !Object.hasOwn(declared, name));
  const added = [...new Set([...others, ...inDatabase.map(([name]) => name)])];
  return [
    ...changed,
    ...added.slice(0, NAMED).map((name) => edit(`setting ${bounded(name, NAME)}`, undefined, "set")),
    ...(added.length > NAMED ? [edit("more settings of the role", 0, added.length - NAMED)] : []),
  ];
}

function nameAndValue(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}
