import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { issueCertificate, type KeyPair, makeAuthority } from "../authority/authority.ts";
import { handshakeFault } from "./handshake-fault.ts";
import { askPage } from "./page.ts";

const HOUR_AGO = new Date(Date.now() - 3_600_000);
const HOST = "acme.hello.localhost";
const open: Server[] = [];

afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function listening(server: Server): Promise<number> {
  open.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function fleetAuthority(): Promise<KeyPair> {
  return await makeAuthority({ name: "Ballast hello", domain: "hello.localhost", notBefore: HOUR_AGO, validDays: 30 });
}

/** What asking a server for its page comes to; its certificate is for `name`. */
async function asked(
  answer: RequestListener,
  { name = HOST, trusted, notBefore = HOUR_AGO }: { name?: string; trusted?: KeyPair; notBefore?: Date } = {},
) {
  const authority = await fleetAuthority();
  const { certificate, key } = await issueCertificate(authority, { names: [name], notBefore, validDays: 1 });
  const port = await listening(createServer({ cert: certificate, key }, answer));
  const door = { address: "127.0.0.1", port, ca: (trusted ?? authority).certificate };
  const { milliseconds, ...seen } = await askPage(door, HOST, { now: () => 7, seconds: 0.5 });
  return { ...seen, tookTime: milliseconds > 0 };
}

const status =
  (code: number): RequestListener =>
  (_request, response) =>
    response.writeHead(code).end("x");

test("an answer is told with its status", async () => {
  expect(await asked(status(200))).toEqual({ at: 7, outcome: "answered", status: 200, tookTime: true });
  expect(await asked(status(502))).toEqual({ at: 7, outcome: "failed", status: 502, tookTime: true });
  expect(await asked(status(429))).toEqual({ at: 7, outcome: "limited", status: 429, tookTime: true });
});

test("the page is asked for by its name, as a browser does", async () => {
  const seen: unknown[] = [];
  await asked((request, response) => {
    seen.push(request.method, request.url, request.headers.host?.split(":")[0]);
    response.end("x");
  });
  expect(seen).toEqual(["GET", "/web/login", HOST]);
});

test("a way to itself without end is no page, and neither is one whose files are gone", async () => {
  const to =
    (location: string): RequestListener =>
    (_request, response) =>
      response.writeHead(302, { location }).end();
  expect(await asked(to("/web/login"))).toMatchObject({ outcome: "failed", because: "with a way to itself, without end" });
  expect(await asked(to(`https://${HOST}/web/login?redirect=%2F`))).toMatchObject({ outcome: "failed" });
  expect(await asked(to("/odoo"))).toMatchObject({ outcome: "answered", status: 302 });
  const withFiles =
    (status: number): RequestListener =>
    (request, response) =>
      request.url === "/web/login"
        ? response.end('<link rel="stylesheet" href="/web/assets/1/ab12/web.assets_frontend.min.css"/>')
        : response.writeHead(status).end();
  expect(await asked(withFiles(200))).toMatchObject({ outcome: "answered", status: 200 });
  expect(await asked(withFiles(500))).toMatchObject({
    outcome: "failed",
    because: "without what it needs: 500 for /web/assets/1/ab12/web.assets_frontend.min.css",
  });
});

test("a certificate for another name, of an authority that is not trusted, or past its days is no page, and told in words", async () => {
  const untrusted = (because: string) => ({ outcome: "untrusted", because });
  expect(await asked(status(200), { name: "other.hello.localhost" })).toMatchObject(untrusted("the certificate is for another host name"));
  expect(await asked(status(200), { trusted: await fleetAuthority() })).toMatchObject(
    untrusted("no authority that is trusted here has signed the certificate"),
  );
  const past = new Date(Date.now() - 3 * 86_400_000);
  expect(await asked(status(200), { notBefore: past })).toMatchObject(untrusted("the certificate has expired"));
});

test("a handshake that the server refuses is told in words, without those of OpenSSL", async () => {
  const { certificate } = await fleetAuthority();
  const refusing = async (server: Server) => {
    const port = await listening(server);
    return await askPage({ address: "127.0.0.1", port, ca: certificate }, HOST, { now: () => 7, seconds: 2 });
  };
  const plain = createTcpServer((socket) => socket.on("error", () => undefined).end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  expect(await refusing(createServer({}))).toMatchObject({ outcome: "untrusted", because: "the server refused the handshake" });
  expect(await refusing(plain)).toMatchObject({ outcome: "untrusted", because: "what answers there does not speak TLS" });
});

test.each([
  ["ERR_SSL_TLSV1_UNRECOGNIZED_NAME", "the server has no certificate for this host name, and refused the handshake"],
  ["EPROTO", "the server refused the handshake"],
  ["CERT_NOT_YET_VALID", "the certificate is not valid yet, or the clock of one of the two is wrong"],
  ["PERMITTED_VIOLATION", "the certificate is not one by which a server may show who it is"],
  ["ECONNREFUSED", undefined],
  [undefined, undefined],
])("of a fault %s people read: %s", (code, words) => {
  expect(handshakeFault({ code })).toBe(words);
});

test("no answer in time is silence, also where bytes trickle for ever", async () => {
  expect(await asked(() => undefined)).toMatchObject({ outcome: "silent" });
  expect(
    await asked((_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write("x"), 20);
      response.on("close", () => clearInterval(timer));
    }),
  ).toMatchObject({ outcome: "silent" });
});

test("a port on which nobody listens is told as such", async () => {
  const port = await listening(createTcpServer());
  open.splice(0).forEach((server) => {
    server.close();
  });
  const door = { address: "127.0.0.1", port, ca: (await fleetAuthority()).certificate };
  expect(await askPage(door, HOST, { now: () => 7 })).toMatchObject({
    outcome: "unreachable",
    because: expect.stringContaining("ECONNREFUSED"),
  });
});
