import { expect, test } from "vitest";
import { parseAccessLine } from "./access-log.ts";

test("a line of Odoo 19 tells when, who, what, how it ended and what it cost", () => {
  const line =
    '2026-11-22 22:26:07,030 7 INFO acme_production werkzeug: 10.213.44.97 - - [22/Nov/2026 22:26:07] "GET /web/login HTTP/1.1" 200 - 51 0.026 0.111';
  expect(parseAccessLine(line)).toEqual({
    at: Date.parse("2026-11-22T22:26:07.030Z"),
    database: "acme_production",
    client: "10.213.44.97",
    method: "GET",
    target: "/web/login",
    status: 200,
    spent: { sqlCount: 51, sqlSeconds: 0.026, pythonSeconds: 0.111 },
  });
});

test("a line of Odoo 14 has the same form", () => {
  const line =
    '2026-11-22 22:48:21,413 8 INFO acme_production werkzeug: 10.213.66.225 - - [22/Nov/2026 22:48:21] "POST /web/session/authenticate HTTP/1.1" 200 - 284 0.081 0.102';
  expect(parseAccessLine(line)).toEqual({
    at: Date.parse("2026-11-22T22:48:21.413Z"),
    database: "acme_production",
    client: "10.213.66.225",
    method: "POST",
    target: "/web/session/authenticate",
    status: 200,
    spent: { sqlCount: 284, sqlSeconds: 0.081, pythonSeconds: 0.102 },
  });
});

test("a request that Odoo did not count has a status and no cost, and one outside any database has none", () => {
  const line =
    '2026-11-22 22:51:45,015 7 INFO ? werkzeug: 10.213.61.161 - - [22/Nov/2026 22:51:45] "GET /web/static/src/img/favicon.ico HTTP/1.1" 200 - - - -';
  const entry = parseAccessLine(line);
  expect([entry?.database, entry?.status, entry?.target, entry?.spent]).toEqual([
    undefined,
    200,
    "/web/static/src/img/favicon.ico",
    undefined,
  ]);
});

test("colours round the request line change nothing", () => {
  const plain =
    '2026-11-22 22:51:45,120 7 INFO acme_production werkzeug: 10.213.61.161 - - [22/Nov/2026 22:51:45] "GET /nowhere?a=b%20c HTTP/1.1" 404 - 105 0.043 0.054';
  const coloured = plain.replace('"GET', '\u001b[33m"GET').replace('1.1" 404', '1.1"\u001b[0m 404');
  expect(parseAccessLine(coloured)).toEqual(parseAccessLine(plain));
  expect(parseAccessLine(plain)).toMatchObject({ status: 404, target: "/nowhere?a=b%20c", spent: { sqlCount: 105 } });
});

test("other lines of the log tell no request", () => {
  for (const line of [
    "",
    "Traceback (most recent call last):",
    "2026-11-22 22:48:20,104 8 INFO ? odoo: Odoo version 14.0 ",
    "2026-11-22 22:48:20,253 8 INFO ? odoo.service.server: HTTP service (werkzeug) running on odoo:8069 ",
    "2026-11-22 22:48:21,286 8 INFO acme_production odoo.addons.base.models.res_users: Login successful for db:acme_production login:admin from 10.213.66.225 ",
  ]) {
    expect(parseAccessLine(line)).toBeUndefined();
  }
});
