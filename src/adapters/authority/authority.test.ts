import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer, connect as tlsConnect } from "node:tls";
import { expect, test } from "vitest";
import { issueCertificate, type KeyPair, makeAuthority } from "./authority.ts";

const NOT_BEFORE = new Date(Date.now() - 3_600_000);

async function authority(): Promise<KeyPair> {
  return await makeAuthority({ name: "Ballast hello", domain: "hello.localhost", notBefore: NOT_BEFORE, validDays: 3650 });
}

/** What a real TLS client says of a server that shows this certificate under this name. */
async function handshake(ca: string, server: KeyPair, servername: string): Promise<string> {
  const listener = createServer({ cert: server.certificate, key: server.key }, (socket) => socket.end());
  listener.on("tlsClientError", () => undefined);
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as { port: number };
  const verdict = await new Promise<string>((resolve) => {
    const socket = tlsConnect({ host: "127.0.0.1", port, servername, ca }, () => resolve("trusted"));
    socket.on("error", (error) => resolve(error.message.split(".")[0] as string));
    socket.on("close", () => resolve("closed"));
  });
  listener.close();
  return verdict;
}

test("a client that trusts the authority trusts its certificates, for the names in them and no others", async () => {
  const root = await authority();
  const server = await issueCertificate(root, { names: ["*.hello.localhost", "hello.localhost"], notBefore: NOT_BEFORE, validDays: 90 });
  expect(await handshake(root.certificate, server, "acme.hello.localhost")).toBe("trusted");
  expect(await handshake(root.certificate, server, "acme.other.localhost")).toContain("does not match certificate");
  expect(new X509Certificate(server.certificate).checkIssued(new X509Certificate(root.certificate))).toBe(true);
});

test("the authority cannot vouch for a name outside its domain", async () => {
  const root = await authority();
  const foreign = await issueCertificate(root, { names: ["bank.example"], notBefore: NOT_BEFORE, validDays: 90 });
  expect(await handshake(root.certificate, foreign, "bank.example")).toBe("permitted subtree violation");
});
