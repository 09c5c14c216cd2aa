import { expect, test } from "vitest";
import { SERIES } from "../fleet/schema/forms.ts";
import { renderConfig } from "./config.ts";
import { KNOWN_SERIES, type KnownSeries, lastFrom } from "./known-series.ts";
import { modulesIn } from "./modules.ts";
import { neutralising } from "./neutralise.ts";
import { RUNNABLE_SERIES, type SeriesFacts, seriesFacts } from "./series.ts";

function each<T>(tell: (facts: SeriesFacts) => T): readonly T[] {
  return KNOWN_SERIES.map((series) => tell(seriesFacts(series) as SeriesFacts));
}

test("the facts cover every series of the language, and no other series is taken for one of them", () => {
  expect(each((facts) => facts.series)).toEqual([...SERIES]);
  expect(RUNNABLE_SERIES).toEqual(["14.0", "19.0"]);
  for (const series of ["13.0", "20.0", "19", ""]) expect(seriesFacts(series)).toBeUndefined();
});

test("what is said from a series on holds until something else is said", () => {
  const entries = [
    ["14.0", "old"],
    ["17.0", "new"],
  ] as const;
  expect(KNOWN_SERIES.map((series) => lastFrom(series, entries))).toEqual(["old", "old", "old", "new", "new", "new"]);
});

test("each series is asked for its health in its own way", () => {
  expect(
    each(
      ({ series, healthPath, probes }) => `${series} ${healthPath} ${probes.alive.method} ${probes.alive.path} ${probes.database?.path}`,
    ),
  ).toEqual([
    "14.0 undefined POST /web/webclient/version_info undefined",
    "15.0 /web/health GET /web/health undefined",
    "16.0 /web/health GET /web/health /web/health?db_server_status=1",
    "17.0 /web/health GET /web/health /web/health?db_server_status=1",
    "18.0 /web/health GET /web/health /web/health?db_server_status=1",
    "19.0 /web/health GET /web/health /web/health?db_server_status=1",
  ]);
  expect(each(({ probes }) => `${probes.ready.method} ${probes.ready.path}`)).toEqual(KNOWN_SERIES.map(() => "GET /web/login"));
});

test("open connections have another path, another option and another health check in each age of Odoo", () => {
  expect(each(({ series, websocket }) => `${series} ${websocket.path} ${websocket.portOption} ${websocket.healthPath}`)).toEqual([
    "14.0 /longpolling longpolling_port undefined",
    "15.0 /longpolling longpolling_port /longpolling/health",
    "16.0 /websocket gevent_port /websocket/health",
    "17.0 /websocket gevent_port /websocket/health",
    "18.0 /websocket gevent_port /websocket/health",
    "19.0 /websocket gevent_port /websocket/health",
  ]);
});

test("each series knows its own options", () => {
  const marks = ["geventMemoryLimits", "geventConnections", "sendFile", "replica", "cronWorkerLimit", "byEnvironment"] as const;
  expect(
    each(({ series, options }) => [series, options.withoutDemo, options.requestLimit, ...marks.filter((mark) => options[mark])].join(" ")),
  ).toEqual([
    "14.0 all 8192",
    "15.0 all 8192",
    "16.0 all 65536 sendFile cronWorkerLimit",
    "17.0 all 65536 geventConnections sendFile cronWorkerLimit",
    "18.0 all 65536 geventMemoryLimits geventConnections sendFile replica",
    "19.0 True 65536 geventMemoryLimits geventConnections sendFile replica cronWorkerLimit byEnvironment",
  ]);
  expect(each(({ rpc, serverWideModules }) => `${rpc} ${serverWideModules.join(",")}`)).toEqual([
    ...KNOWN_SERIES.slice(0, -1).map(() => "json-rpc base,web"),
    "json-2 base,rpc,web",
  ]);
  expect(each((facts) => facts.packageName)).toEqual(["odoo-14", "odoo-15", "odoo-16", "odoo-17", "odoo-18", "odoo-19"]);
});

test("the text of the configuration differs between series only where the series do", () => {
  const lines = each((facts) =>
    renderConfig({
      facts,
      databaseHost: "h",
      databasePort: 5432,
      databaseName: "d",
      databaseRole: "r",
      databasePassword: "p",
      masterPasswordHash: "m",
      roles: ["web", "websocket", "cron"],
      workers: 0,
      cronThreads: 1,
      connectionsPerProcess: 8,
      memoryMiB: 512,
      logLevel: "info",
    }).split("\n"),
  );
  const common = new Set(lines[0]?.filter((line) => lines.every((other) => other.includes(line))));
  const legacy = ["server_wide_modules = base,web,ballast_guard,ballast_cookies", "longpolling_port = 8072", "without_demo = all"];
  const middle = ["server_wide_modules = base,web,ballast_guard,ballast_cookies", "gevent_port = 8072", "without_demo = all"];
  const newest = ["server_wide_modules = base,rpc,web,ballast_guard,ballast_cookies", "gevent_port = 8072", "without_demo = True"];
  expect(lines.map((text) => text.filter((line) => !common.has(line)))).toEqual([legacy, legacy, middle, middle, middle, newest]);
});

test("a person's password is hashed as the series does it", () => {
  expect(each((facts) => facts.passwords.personRounds)).toEqual([25_000, 25_000, 25_000, 600_000, 600_000, 600_000]);
});

test("a module has the name that the series knows it by, once", () => {
  const named = (series: KnownSeries) => `${series} ${modulesIn(series, ["stock", "stock_delivery", "our_own"]).join(" ")}`;
  expect(KNOWN_SERIES.map(named)).toEqual([
    "14.0 stock delivery our_own",
    "15.0 stock delivery our_own",
    "16.0 stock delivery our_own",
    "17.0 stock stock_delivery our_own",
    "18.0 stock stock_delivery our_own",
    "19.0 stock stock_delivery our_own",
  ]);
  expect(modulesIn("14.0", ["delivery", "stock_delivery"])).toEqual(["delivery"]);
});

test("a copy is neutralised by the names of its series, and every statement says what must be there", () => {
  const payment = (series: KnownSeries) =>
    neutralising(series).flatMap(({ where }) => (where?.startsWith("payment") ? [`${series} ${where}`] : []));
  expect(KNOWN_SERIES.flatMap(payment)).toEqual([
    "14.0 payment_acquirer",
    "15.0 payment_acquirer",
    "16.0 payment_provider",
    "17.0 payment_provider",
    "18.0 payment_provider",
    "19.0 payment_provider",
  ]);
  const login = (series: KnownSeries) => neutralising(series).some(({ text }) => text.includes("smtp_authentication"));
  expect(KNOWN_SERIES.map(login)).toEqual([false, true, true, true, true, true]);
  for (const series of KNOWN_SERIES) {
    expect(neutralising(series).filter(({ where, text }) => where === undefined || !text.includes(where.split(".")[0] as string))).toEqual(
      [],
    );
  }
});
