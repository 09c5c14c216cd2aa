import { createServer, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createGzip } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { issueCertificate, makeAuthority } from "../authority/authority.ts";
import { fetchBounded } from "./bounded-fetch.ts";
import { requestThrough } from "./through.ts";

const MIB = 1024 * 1024;
const PIECE = Buffer.alloc(64 * 1024, "a");
let servers: readonly Server[] = [];
let url = "";
let port = 0;
let ca = "";
let sent = 0;

/** An answer without an end: as fast as it is taken, or so slowly that only a limit of the whole time ends it. */
function answer(path: string | undefined, response: ServerResponse): void {
  if (path === "/head") return;
  if (path === "/slow") {
    const timer = setInterval(() => response.write("."), 50);
    response.on("close", () => clearInterval(timer));
    return;
  }
  if (path === "/gzip") response.writeHead(200, { "content-encoding": "gzip" });
  const gzip = createGzip();
  if (path === "/gzip") gzip.pipe(response);
  const sink = path === "/gzip" ? gzip : response;
  const more = () => {
    while (!response.destroyed) {
      sent += PIECE.length;
      if (!sink.write(PIECE)) break;
    }
  };
  sink.on("drain", more);
  sink.on("error", () => undefined);
  more();
}

beforeAll(async () => {
  const now = new Date(Date.now() - 60_000);
  const authority = await makeAuthority({ name: "Test", domain: "odoo.test", notBefore: now, validDays: 2 });
  const own = await issueCertificate(authority, { names: ["acme.odoo.test"], notBefore: now, validDays: 1 });
  ca = authority.certificate;
  const plain = createServer((request, response) => answer(request.url, response));
  const secure = createTlsServer({ cert: own.certificate, key: own.key }, (request, response) => answer(request.url, response));
  servers = [plain, secure];
  for (const server of servers) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(plain.address() as AddressInfo).port}`;
  port = (secure.address() as AddressInfo).port;
});
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

test("an answer without an end is cut at its limit of bytes, also where it is compressed", async () => {
  sent = 0;
  await expect(fetchBounded(`${url}/endless`, {}, { bytes: MIB, seconds: 30 })).rejects.toThrow("larger than 1048576 bytes");
  expect(sent).toBeLessThan(64 * MIB);
  await expect(fetchBounded(`${url}/gzip`, {}, { bytes: MIB, seconds: 30 })).rejects.toThrow("larger than 1048576 bytes");
  const question = { host: "acme.odoo.test", path: "/endless", seconds: 30 };
  await expect(requestThrough({ address: "127.0.0.1", port, ca }, question)).rejects.toThrow("larger than 8388608 bytes");
});

test("an answer that never comes, or comes in drops, is cut at its limit of time", async () => {
  for (const path of ["/head", "/slow"]) {
    await expect(fetchBounded(`${url}${path}`, {}, { bytes: MIB, seconds: 1 })).rejects.toThrow(/timeout|abort/i);
    const question = { host: "acme.odoo.test", path, seconds: 1 };
    await expect(requestThrough({ address: "127.0.0.1", port, ca }, question)).rejects.toThrow(/timeout|abort/i);
  }
});
