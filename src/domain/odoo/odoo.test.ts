import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { renderConfig } from "./config.ts";
import { passwordHash } from "./password.ts";
import { rekeyStatements } from "./rekey.ts";
import { type SeriesFacts, seriesFacts } from "./series.ts";

const facts = seriesFacts("19.0") as SeriesFacts;

test("the configuration names one database, lists none, and trusts the ingress alone", () => {
  const text = renderConfig({
    facts,
    databaseHost: "postgres.everyone.pool",
    databasePort: 5432,
    databaseName: "acme_production",
    databaseRole: "acme_production",
    databasePassword: "pw",
    masterPasswordHash: "$pbkdf2-sha512$1$s$h",
    roles: ["web", "websocket", "cron"],
    workers: 0,
    cronThreads: 1,
    connectionsPerProcess: 8,
    memoryMiB: 512,
    logLevel: "info",
  });
  expect(text).toBe(`[options]
addons_path = /usr/lib/python3/dist-packages/odoo/addons,/opt/ballast/addons
data_dir = /var/lib/odoo
server_wide_modules = base,rpc,web,ballast_guard,ballast_cookies
db_host = postgres.everyone.pool
db_port = 5432
db_name = acme_production
db_user = acme_production
db_password = pw
db_maxconn = 8
list_db = False
admin_passwd = $pbkdf2-sha512$1$s$h
proxy_mode = True
http_port = 8069
gevent_port = 8072
workers = 0
max_cron_threads = 1
limit_memory_soft = 2147483648
limit_memory_hard = 2684354560
limit_time_cpu = 60
limit_time_real = 120
limit_time_real_cron = 1800
without_demo = True
log_level = info

[ballast]
websocket = here
`);
});

test("a process whose transactions go through a pooler is told the server itself, for connections that listen", () => {
  const text = renderConfig({
    facts,
    databaseHost: "pooler.everyone.pool",
    databasePort: 6432,
    databaseName: "d",
    databaseRole: "r",
    databasePassword: "p",
    masterPasswordHash: "m",
    roles: ["web", "websocket", "cron"],
    workers: 0,
    cronThreads: 1,
    listensAt: { host: "postgres.everyone.pool", port: 5432 },
    connectionsPerProcess: 8,
    memoryMiB: 512,
    logLevel: "info",
  });
  expect(text).toContain("\n[ballast]\nwebsocket = here\nlisten_host = postgres.everyone.pool\nlisten_port = 5432\n");
});

test("the container of queued jobs loads the runner and its guard, calls itself, and gives a job the time of a batch", () => {
  const text = renderConfig({
    facts,
    databaseHost: "postgres",
    databasePort: 5432,
    databaseName: "d",
    databaseRole: "r",
    databasePassword: "p",
    masterPasswordHash: "m",
    roles: ["jobs"],
    workers: 3,
    cronThreads: 0,
    jobs: { slots: 2 },
    connectionsPerProcess: 8,
    memoryMiB: 512,
    logLevel: "info",
  });
  const told = text.split("\n").filter((line) => /^(server_wide|limit_time)/.test(line));
  expect(told).toEqual([
    "server_wide_modules = base,rpc,web,queue_job,ballast_jobs,ballast_guard,ballast_cookies",
    "limit_time_cpu = 900",
    "limit_time_real = 1800",
    "limit_time_real_cron = 1800",
  ]);
  expect(text).toContain("[queue_job]\nchannels = root:2\nscheme = http\nhost = 127.0.0.1\nport = 8069\n");
});

test("a password hash is what another implementation of PBKDF2 makes of the same salt and rounds", async () => {
  const salt = Buffer.from("0123456789abcdef");
  const hash = await passwordHash("pället", salt, 1000);
  const script =
    "import hashlib,base64;d=hashlib.pbkdf2_hmac('sha512','pället'.encode(),b'0123456789abcdef',1000);" +
    "e=lambda b:base64.b64encode(b).decode().rstrip('=').replace('+','.');print('$pbkdf2-sha512$1000$'+e(b'0123456789abcdef')+'$'+e(d))";
  expect(hash).toBe(execFileSync("python3", ["-c", script], { encoding: "utf8" }).trim());
});

test("a copy loses every credential that it inherited, and values never enter the text of a statement", () => {
  const statements = rekeyStatements({
    databaseSecret: "s3cret",
    databaseUuid: "uu",
    baseUrl: "https://a",
    reportUrl: "http://b",
    adminLogin: "admin",
    adminPasswordHash: "hash",
    createdAt: "2026-11-22 12:00:00",
    dailyShift: 17,
  });
  const texts = statements.map((statement) => statement.text);
  for (const table of ["res_users_apikeys", "totp_secret", "signup_type", "database.enterprise_code"]) {
    expect(texts.some((text) => text.includes(table))).toBe(true);
  }
  expect(texts.filter((text) => text.includes("s3cret") || text.includes("hash"))).toEqual([]);
});
