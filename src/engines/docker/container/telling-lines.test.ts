import { expect, test } from "vitest";
import { tellingLines } from "./telling-lines.ts";

const ODOO = `2026-11-23 02:13:01,100 1 INFO acme odoo: Odoo version 19.0
2026-11-23 02:13:02,200 1 ERROR acme odoo.sql_db: bad query: SELECT 1
ERROR: relation "ir_ui_view" does not exist
2026-11-23 02:13:02,300 1 CRITICAL acme odoo.modules: Couldn't load module base
Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/odoo/sql_db.py", line 426, in execute
psycopg2.errors.UndefinedTable: relation "ir_ui_view" does not exist
2026-11-23 02:13:02,200 1 ERROR acme odoo.sql_db: bad query: SELECT 1
`;

test("of a log only the lines that say why are told, each once and without its time", () => {
  expect(tellingLines(ODOO)).toBe(
    [
      "ERROR acme odoo.sql_db: bad query: SELECT 1",
      'ERROR: relation "ir_ui_view" does not exist',
      "CRITICAL acme odoo.modules: Couldn't load module base",
      'psycopg2.errors.UndefinedTable: relation "ir_ui_view" does not exist',
    ].join("\n"),
  );
});

test("where no line says why, the last ones are told, and of much only the last six", () => {
  expect(tellingLines("one\ntwo\n\n")).toBe("one\ntwo");
  expect(tellingLines("")).toBe("");
  const many = Array.from({ length: 20 }, (_, index) => `FATAL: reason ${index}`);
  expect(tellingLines(many.join("\n"))).toBe(many.slice(-6).join("\n"));
});

test("what an entry script refuses is told beside what the process said before", () => {
  const text =
    "UTC [1] FATAL:  the database system is shutting down\nUTC [2] LOG:  done\nballast-postgres: the data that were in this volume are gone\n";
  expect(tellingLines(text)).toBe(
    "UTC [1] FATAL:  the database system is shutting down\nballast-postgres: the data that were in this volume are gone",
  );
});
