import { expect, test } from "vitest";
import { describeEdit } from "./drift.ts";
import { type LoginRole, roleEdits } from "./login-role.ts";

const DECLARED = { role: "acme_production", connectionLimit: 12, settings: { temp_file_limit: "4GB" } };
const AS_GIVEN: LoginRole = {
  login: true,
  connections: 12,
  rights: [],
  ends: false,
  password: true,
  settings: [{ place: "role", settings: ["temp_file_limit=4GB"] }],
};

function said(found: Partial<LoginRole> | undefined): readonly string[] {
  return roleEdits(DECLARED, found === undefined ? undefined : { ...AS_GIVEN, ...found }).map(describeEdit);
}

test("a role that is as it was given has no edits, also while its password cannot be compared", () => {
  expect(said({})).toEqual([]);
  expect(said({ password: undefined })).toEqual([]);
});

test.each<readonly [string, Partial<LoginRole> | undefined, readonly string[]]>([
  ["another password", { password: false }, ["password of the role as given → another"]],
  ["no login", { login: false }, ["role may log in true → false"]],
  ["another limit of connections", { connections: -1 }, ["connectionLimit 12 → -1"]],
  ["rights", { rights: ["CREATEDB", "SUPERUSER"] }, ["rights of the role none → CREATEDB, SUPERUSER"]],
  ["a password that ends", { ends: true }, ["end of the role's password never → some day"]],
  ["no role", undefined, ["role acme_production → gone"]],
])("%s is an edit", (_what, found, edits) => {
  expect(said(found)).toEqual(edits);
});

test("settings that are missing, other or added are edits, each named once, and no value of somebody else's is told", () => {
  expect(said({ settings: [] })).toEqual(["setting temp_file_limit 4GB → none"]);
  const settings: LoginRole["settings"] = [
    { place: "role", settings: ["temp_file_limit=1MB", "statement_timeout=1", "app.token=hunter2=x"] },
    { place: "database", settings: ["search_path=nowhere", "statement_timeout=2"] },
  ];
  expect(said({ settings })).toEqual([
    "setting temp_file_limit 4GB → another value",
    "setting statement_timeout none → set",
    "setting app.token none → set",
    "setting search_path none → set",
  ]);
});

test("what stands for one database goes over what stands for the role, so also a declared setting there is an edit", () => {
  expect(said({ settings: [...AS_GIVEN.settings, { place: "database", settings: ["temp_file_limit=4GB"] }] })).toEqual([
    "setting temp_file_limit none → set",
  ]);
});

test("many settings are counted", () => {
  const settings = Array.from({ length: 30 }, (_, at) => `a.b${at}=1`);
  expect(said({ settings: [...AS_GIVEN.settings, { place: "role", settings }] }).at(-1)).toBe("more settings of the role 0 → 22");
});

test("every edit is put back while the database serves", () => {
  const all = roleEdits(DECLARED, { ...AS_GIVEN, password: false, login: false, rights: ["CREATEROLE"], settings: [], connections: 1 });
  expect(new Set(all.map((one) => one.repair))).toEqual(new Set(["live"]));
  // Whatever its owner may set again and again may be left for a while, but never what gives it more.
  expect(all.map(({ field, rests }) => [field, rests])).toEqual([
    ["role may log in", undefined],
    ["connectionLimit", undefined],
    ["rights of the role", undefined],
    ["password of the role", "password"],
    ["setting temp_file_limit", "settings"],
  ]);
});
