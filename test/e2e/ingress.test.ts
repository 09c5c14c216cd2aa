import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type ConnectionOptions, connect } from "node:tls";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Door, requestThrough } from "../../src/adapters/http/through.ts";
import { PACKAGE_ROOT } from "../support/docker-installation.ts";
import { insidesOf } from "../support/fleet-insides.ts";
import { floodSuite } from "../support/floods.ts";
import { launchedFleet } from "../support/launched-fleet.ts";
import { openWebsocket } from "../support/websocket.ts";

/** Small ones, so that few requests reach them: ten sign-ins at once, one report at once. */
const LIMITS = "{ body: 2Mi, callBody: 64Ki, logins: 20/m, reportsAtOnce: 1 }";
const BODY_BYTES = 2 * 1024 ** 2;
const CALL_BYTES = 64 * 1024;
const LOGINS_AT_ONCE = 10;

const fleet = launchedFleet("ingress");
const insides = insidesOf(fleet);
const HELLO = readFileSync(join(PACKAGE_ROOT, "examples/hello/fleet.yaml"), "utf8").replace(
  "metadata: { name: hello }",
  `metadata: { name: ${fleet.name} }\nspec: { ingress: { limits: ${LIMITS} } }`,
);
const BETA = (HELLO.split("\n---\n").find((text) => text.includes("kind: Tenant")) as string).replace("name: acme", "name: beta");

let published: Door;

/** The status of a request by another client than that of the published port: one that stands in the network of the ingress itself, and so has another address. */
async function otherwise(tenant: string, path: string, body: string): Promise<number> {
  const { Pid: pid } = (await (await insides.container("platform/here/ingress")).inspect()).State;
  const host = fleet.host(tenant);
  const options = {
    host: "127.0.0.1",
    port: 8443,
    servername: host,
    rejectUnauthorized: false,
    method: body === "" ? "GET" : "POST",
    path,
    headers: { host, "content-type": "application/json", ...(body === "" ? {} : { "content-length": body.length }) },
  };
  const script = `require("node:https").request(${JSON.stringify(options)}, (r) => { console.log(r.statusCode); process.exit(); }).end(${JSON.stringify(body)})`;
  const { stdout } = await promisify(execFile)("nsenter", ["-t", String(pid), "-n", process.execPath, "-e", script], { timeout: 60_000 });
  return Number(stdout);
}

beforeAll(async () => {
  fleet.declare([HELLO, BETA].join("\n---\n"));
  const up = await fleet.ballast("up", fleet.folder, "--yes");
  if (up.code !== 0) throw new Error(up.err);
  published = fleet.entrance("acme");
}, 600_000);
afterAll(async () => {
  await fleet.remove();
}, 120_000);

/** The protocol and suite that are agreed on, or why none was. */
async function agreed(how: ConnectionOptions): Promise<string> {
  const { address, port, ca } = published;
  const socket = connect({ host: address, port, ca, servername: fleet.host("acme"), ...how });
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(20_000) });
    return `${socket.getProtocol()} ${socket.getCipher().standardName}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  } finally {
    socket.destroy();
  }
}

/** Says how long its body is and sends none of it: what is answered is answered by the head alone. */
async function announce(path: string, bytes: number, tenant = "acme"): Promise<number> {
  const headers = { "content-length": String(bytes), "content-type": "application/json" };
  return (await requestThrough(published, { host: fleet.host(tenant), path, method: "POST", headers, seconds: 20 })).status;
}

const REFUSED_VERSION = "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION";
const ANY_STRENGTH = "DEFAULT@SECLEVEL=0";

test("TLS 1.2 and 1.3 are spoken, older ones and weak suites are refused", async () => {
  const only = (version: "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3", ciphers = ANY_STRENGTH) =>
    agreed({ minVersion: version, maxVersion: version, ciphers });
  expect(await only("TLSv1")).toBe(REFUSED_VERSION);
  expect(await only("TLSv1.1")).toBe(REFUSED_VERSION);
  expect(await only("TLSv1.2")).toMatch(/^TLSv1\.2 TLS_ECDHE_\w+_(GCM|CHACHA20_POLY1305)_SHA\d+$/);
  expect(await only("TLSv1.3")).toMatch(/^TLSv1\.3 /);
  for (const weak of ["ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA", "AES128-GCM-SHA256:AES128-SHA", "ECDHE-ECDSA-AES128-SHA256"]) {
    expect([weak, await only("TLSv1.2", `${weak}:@SECLEVEL=0`)]).toEqual([weak, expect.stringMatching(/^ERR_SSL_.*HANDSHAKE_FAILURE$/)]);
  }
});

test("HTTP/1.1 alone is spoken: each stream of HTTP/2 would take the memory of a connection, without being one", async () => {
  const { address, port, ca } = published;
  const spoken = async (...protocols: string[]) => {
    const socket = connect({ host: address, port, ca, servername: fleet.host("acme"), ALPNProtocols: protocols });
    try {
      await once(socket, "secureConnect", { signal: AbortSignal.timeout(20_000) });
      return socket.alpnProtocol;
    } catch {
      return "refused";
    } finally {
      socket.destroy();
    }
  };
  expect([await spoken("h2", "http/1.1"), await spoken("h2"), await spoken("http/1.1")]).toEqual(["http/1.1", "refused", "http/1.1"]);
});

test("a name that the certificate does not have is refused before anything is asked", async () => {
  expect(await agreed({ servername: "elsewhere.example" })).toMatch(/^ERR_SSL_/);
});

test("every answer carries the headers that protect browsers, and none says what answers", async () => {
  for (const [path, status] of [
    ["/web/login", 200],
    ["/web/database/manager", 403],
    ["/de/web/database/manager", 403],
    ["/jsonrpc", 403],
  ] as const) {
    const { status: found, headers } = await requestThrough(published, { host: fleet.host("acme"), path, seconds: 20 });
    expect([path, found, headers["server"]]).toEqual([path, status, undefined]);
    expect(headers).toMatchObject({
      "strict-transport-security": "max-age=31536000; includeSubDomains",
      "x-content-type-options": "nosniff",
      "x-frame-options": "SAMEORIGIN",
      "referrer-policy": "strict-origin-when-cross-origin",
    });
  }
});

test("a body is refused when it is too large, by what is said of it, and by an even smaller size for sign-ins and calls", async () => {
  expect(await announce("/web/dataset/call_kw", BODY_BYTES + 1)).toBe(413);
  for (const path of ["/web/session/authenticate", "/json/2/res.partner/search", "/en/web/login"]) {
    expect([path, await announce(path, CALL_BYTES + 1)]).toEqual([path, 413]);
  }
  const body = JSON.stringify({ jsonrpc: "2.0", params: { padding: "x".repeat(BODY_BYTES - 100) } });
  const headers = { "content-type": "application/json", "content-length": String(body.length) };
  const inside = await requestThrough(published, {
    host: fleet.host("acme"),
    path: "/web/webclient/version_info",
    method: "POST",
    headers,
    body,
    seconds: 30,
  });
  expect(inside.status).toBe(200);
});

test("a body that does not say how long it is, is refused", async () => {
  const headers = { "transfer-encoding": "chunked", "content-type": "application/json" };
  const { status } = await requestThrough(published, {
    host: fleet.host("acme"),
    path: "/web/dataset/call_kw",
    method: "POST",
    headers,
    body: "{}",
    seconds: 20,
  });
  expect(status).toBe(411);
});

test("a flood of sign-ins ends in 429 for who sends it, and for nobody else", async () => {
  const attempt = (tenant: string) => {
    const params = { db: `${tenant}_production`, login: "nobody", password: "wrong" };
    const body = JSON.stringify({ jsonrpc: "2.0", method: "call", params });
    const headers = { "content-type": "application/json", "content-length": String(body.length) };
    return requestThrough(published, {
      host: fleet.host(tenant),
      path: "/web/session/authenticate",
      method: "POST",
      headers,
      body,
      seconds: 60,
    });
  };
  const flood = await Promise.all(Array.from({ length: LOGINS_AT_ONCE * 3 }, () => attempt("acme")));
  const refused = flood.filter((answer) => answer.status === 429);
  expect(refused.length).toBeGreaterThanOrEqual(LOGINS_AT_ONCE);
  expect(refused.map(({ headers }) => Number(headers["retry-after"]) >= 1)).toEqual(refused.map(() => true));
  expect((await attempt("beta")).status).toBe(200);
  const wrong = { jsonrpc: "2.0", method: "call", params: { db: "acme_production", login: "nobody", password: "wrong" } };
  expect(await otherwise("acme", "/web/session/authenticate", JSON.stringify(wrong))).toBe(200);
  const forged = await Promise.all(
    Array.from({ length: LOGINS_AT_ONCE * 2 }, (_, index) => {
      const headers = { "x-forwarded-for": `203.0.113.${index}`, "x-real-ip": `203.0.113.${index}`, "content-length": "0" };
      return requestThrough(published, { host: fleet.host("acme"), path: "/en/web/login", method: "POST", headers, seconds: 60 });
    }),
  );
  expect(forged.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(LOGINS_AT_ONCE / 2);
  expect((await requestThrough(published, { host: fleet.host("acme"), path: "/web/login", seconds: 20 })).status).toBe(200);
});

test("who holds a report holds no more than one, and others get theirs", async () => {
  const { address, port, ca } = published;
  const host = fleet.host("acme");
  const headers = { host, "content-type": "application/x-www-form-urlencoded", "content-length": "1000" };
  const held = request({ host: address, port, ca, servername: host, method: "POST", path: "/report/download", headers, agent: false });
  held.on("error", () => undefined);
  held.write("data=");
  try {
    const report = "/report/html/none/1";
    const ask = async (tenant: string) => (await requestThrough(published, { host: fleet.host(tenant), path: report, seconds: 20 })).status;
    await expect.poll(() => ask("acme"), { timeout: 20_000 }).toBe(429);
    expect(await otherwise("acme", report, "")).not.toBe(429);
    expect(await ask("beta")).not.toBe(429);
  } finally {
    held.destroy();
  }
});

test("a websocket stays open through all of this", async () => {
  const { session } = await fleet.signIn("beta", fleet.password("beta"));
  const socket = await openWebsocket(published, fleet.host("beta"), "/websocket", session);
  expect(socket.status).toBe(101);
  socket.send({ event_name: "subscribe", data: { channels: [], last: 0 } });
  await wait(5000);
  expect(socket.closed()).toBe(false);
  socket.close();
});

test("the limits in force are explained, with where they come from", async () => {
  const { out } = await fleet.ballast("explain", fleet.folder, "fleet");
  expect(out).toMatch(/ingress\.limits\.logins\s+20 in 1m, of each client\s+.*fleet\.yaml/);
  expect(out).toMatch(/ingress\.limits\.reports\s+120 in 1m, of each client\s+.*default/);
});

floodSuite({ fleet, insides, door: () => published, fromElsewhere: otherwise });

/** Last, since it leaves no place for another sign-in. */
test("sign-ins count by every method by which Odoo takes them", async () => {
  const attempt = async (method: "GET" | "POST") => {
    const body = JSON.stringify({ jsonrpc: "2.0", method: "call", params: { db: "beta_production", login: "nobody", password: "wrong" } });
    const headers = { "content-type": "application/json", "content-length": String(body.length) };
    return await requestThrough(published, {
      host: fleet.host("beta"),
      path: "/web/session/authenticate",
      method,
      headers,
      body,
      seconds: 60,
    });
  };
  const flood = await Promise.all(Array.from({ length: LOGINS_AT_ONCE * 3 }, () => attempt("GET")));
  expect(flood.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(LOGINS_AT_ONCE);
});
