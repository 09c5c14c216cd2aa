import { expect, test } from "vitest";
import { KNOWN_SERIES, type KnownSeries } from "../known-series.ts";
import type { Signal } from "./signal.ts";
import { signalsOf } from "./signals.ts";

function sqlOf(series: KnownSeries, name: string): string {
  return (signalsOf(series).find((signal) => signal.name === name) as Signal).sql;
}

test("every series has every signal, under the same name", () => {
  const names = KNOWN_SERIES.map((series) => signalsOf(series).map((signal) => signal.name));
  expect(new Set(names.map((list) => list.join(" ")))).toEqual(
    new Set([
      "orders-confirmed orders-to-invoice invoices-posted transfers-done moves-done lines-done late-work confirm-to-ship missing-labels mail notifications sms edi cron-lag queue-backlog queue-rates queue-stuck stuck-modules users",
    ]),
  );
});

test("a signal is one statement that only reads, and names every table that it needs", () => {
  for (const series of KNOWN_SERIES) {
    for (const { sql, needs } of signalsOf(series)) {
      expect(sql).toMatch(/^SELECT [^;]+$/);
      expect(sql).not.toMatch(/\b(INSERT|UPDATE|DELETE|ALTER|CREATE)\b|%s|undefined/);
      const catalogue = /^(ir_model_fields|ir_model_fields_selection|ir_translation)$/;
      const read = [...sql.matchAll(/\b(?:FROM|JOIN) ([a-z_]+)\b(?! \()/g)].map(([, table]) => table as string);
      const needed = new Set(needs.map((need) => need.split(".")[0]));
      // `extract(epoch FROM …)` names no table.
      expect(read.filter((table) => !needed.has(table) && !catalogue.test(table) && !/^(p|max|s)$/.test(table))).toEqual([]);
    }
  }
});

test("the words of a statement are those of its series", () => {
  const has = (name: string, word: string) => KNOWN_SERIES.filter((series) => sqlOf(series, name).includes(word));
  expect(has("orders-confirmed", "IN ('sale', 'done')")).toEqual(["14.0", "15.0", "16.0"]);
  expect(has("lines-done", "sum(qty_done)")).toEqual(["14.0", "15.0", "16.0"]);
  expect(has("lines-done", "sum(quantity)")).toEqual(["17.0", "18.0", "19.0"]);
  expect(has("invoices-posted", "tv.field_id")).toEqual(["17.0", "18.0", "19.0"]);
  expect(has("invoices-posted", "ir_translation")).toEqual(["14.0", "15.0"]);
  expect(has("notifications", "mail_message_res_partner_needaction_rel")).toEqual(["14.0"]);
  expect(has("sms", "error_code")).toEqual(["14.0"]);
  expect(has("edi", "blocking_level")).toEqual(["15.0", "16.0", "17.0", "18.0", "19.0"]);
  expect(has("cron-lag", "numbercall <> 0")).toEqual(["14.0", "15.0", "16.0", "17.0"]);
  expect(has("users", "mail_presence")).toEqual(["19.0"]);
});
