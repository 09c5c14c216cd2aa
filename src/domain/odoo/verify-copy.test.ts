import { expect, test } from "vitest";
import { KNOWN_SERIES, type KnownSeries } from "./known-series.ts";
import { neutralising } from "./neutralise.ts";
import { apiKeyStatement, rekeyStatements } from "./rekey.ts";
import { copyChecks } from "./verify-copy.ts";

const identity = {
  databaseSecret: "s3cret",
  databaseUuid: "uu",
  baseUrl: "https://a",
  reportUrl: "http://b",
  adminLogin: "admin",
  adminPasswordHash: "hash",
  createdAt: "2026-11-22 12:00:00",
  dailyShift: 17,
};

function tables(series?: KnownSeries): ReadonlySet<string> {
  const desired = { identity, apiKeyHash: "key", ...(series === undefined ? {} : { neutralised: series }) };
  return new Set(copyChecks(desired).map((check) => check.table));
}

test("whatever is switched off, taken away or recreated in a copy is asked for afterwards", () => {
  // What a mail template prefers, and a token of a service that is paid for, reach nobody where no server and no job is active.
  const unasked = new Set(["mail_template", "iap_account", "res_partner"]);
  for (const series of KNOWN_SERIES) {
    const written = [...rekeyStatements(identity), apiKeyStatement({ name: "n", key: "k", keyHash: "h" }), ...neutralising(series)]
      .map(({ text }) => /public\.(\w+)/.exec(text)?.[1] ?? "")
      .filter((table) => !unasked.has(table));
    expect(written.filter((table) => !tables(series).has(table))).toEqual([]);
  }
});

test("a copy that may act on the outside world is asked for its identity alone", () => {
  expect([...tables()]).toEqual(["ir_config_parameter", "res_users", "res_users_apikeys", "ballast_session"]);
});

test("questions read tables by their schema and have no value in their text", () => {
  for (const { text, values } of copyChecks({ identity, apiKeyHash: "key", neutralised: "19.0" })) {
    expect(text).toMatch(/FROM public\.\w+/);
    expect(values.filter((value) => text.includes(`'${value}'`))).toEqual([]);
  }
});
