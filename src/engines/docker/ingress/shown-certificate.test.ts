import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server, type TlsOptions } from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import { issueCertificate, type KeyPair, makeAuthority } from "../../../adapters/authority/authority.ts";
import type { NodeId } from "../../../domain/stack/node.ts";
import type { Edit, ObservedNode, Seen } from "../../../domain/stack/observation.ts";
import { writeNode } from "../container/files.ts";
import { AUTHORITY_FILE } from "../kinds/authority.ts";
import type { Scope } from "../scope.ts";
import { nameUnshown, refusal } from "./shown-certificate.ts";

const INGRESS = "platform/here/ingress";
const CERTIFICATE = "platform/here/certificate";
const NAMES = ["*.x.test", "x.test"];
const EDIT: Edit = { field: "file", made: "a", found: "b", repair: "live" };

let base: string;
let listener: Server | undefined;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "shown-certificate-"));
});
afterEach(() => {
  listener?.close();
  listener = undefined;
  rmSync(base, { recursive: true, force: true });
});

const made = { name: "x", domain: "x.test", notBefore: new Date(), validDays: 10 };
const issued = (authority: KeyPair) => issueCertificate(authority, { names: NAMES, notBefore: new Date(), validDays: 5 });

function write(authority: KeyPair, pair: KeyPair): Scope {
  const folder = join(base, "run/tls/nodes", CERTIFICATE);
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(base, "state"), { recursive: true });
  writeFileSync(join(folder, "certificate.pem"), pair.certificate);
  writeFileSync(join(base, "state", AUTHORITY_FILE), authority.certificate);
  return { paths: { state: join(base, "state"), volatile: join(base, "run") } } as Scope;
}

async function listen(options: TlsOptions): Promise<number> {
  const server = createServer(options, (socket) => socket.on("error", () => undefined).end());
  server.on("tlsClientError", () => undefined);
  listener = server;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as { port: number }).port;
}

function present(id: NodeId, kind: string, more: object): [NodeId, Seen<ObservedNode>] {
  const value = { hash: "", condition: "serving", facts: {}, ...more, declared: { id, kind, ...(more as { declared: object }).declared } };
  return [id, { state: "present", at: 0, value: value as unknown as ObservedNode }];
}

/** What a look says of an ingress that listens at a port. */
async function said(scope: Scope, port: number, more: { edits?: readonly Edit[]; certificateEdits?: readonly Edit[] } = {}) {
  const { edits = [], certificateEdits = [] } = more;
  const uses = [{ to: CERTIFICATE, as: "mount" }];
  const nodes = new Map([
    present(INGRESS, "ingress", { edits, declared: { spec: { address: "127.0.0.1", port }, uses } }),
    present(CERTIFICATE, "certificate", { edits: certificateEdits, declared: { spec: { names: NAMES }, uses: [] } }),
  ]);
  await nameUnshown(scope, nodes);
  const observation = nodes.get(INGRESS);
  return observation?.state === "present" ? [observation.value.condition, observation.value.because] : undefined;
}

const of = ({ certificate, key }: KeyPair) => ({ cert: certificate, key });

test("an ingress that shows what is in its files serves, and one that shows the certificate of somebody else is failing", async () => {
  const authority = await makeAuthority(made);
  const given = await issued(authority);
  const scope = write(authority, given);
  expect(await said(scope, await listen(of(given)))).toEqual(["serving", undefined]);
  listener?.close();
  const foreign = await listen(of(await issued(await makeAuthority(made))));
  const words = "runs, and shows another certificate for any.x.test than it was given: clients refuse it";
  expect(await said(scope, foreign)).toEqual(["failing", words]);
  // While the files are not what was written, what clients refuse is still seen.
  expect(await said(scope, foreign, { certificateEdits: [EDIT] })).toEqual(["failing", words]);
});

test("its former certificate is a fault too; but not before what was changed by hand is put back, since clients accept it", async () => {
  const authority = await makeAuthority(made);
  const scope = write(authority, await issued(authority));
  const port = await listen(of(await issued(authority)));
  expect(await said(scope, port)).toEqual(["failing", "runs, and shows another certificate for any.x.test than it was given"]);
  expect(await said(scope, port, { edits: [EDIT] })).toEqual(["serving", undefined]);
  expect(await said(scope, port, { edits: [{ ...EDIT, repair: "report" }] })).toMatchObject(["failing", expect.any(String)]);
});

test("an ingress that refuses the fleet's names, or where nobody listens, is failing", async () => {
  const authority = await makeAuthority(made);
  const scope = write(authority, await issued(authority));
  const port = await listen({});
  expect(await said(scope, port)).toMatchObject(["failing", expect.stringMatching(/^runs, and shows no certificate for any\.x\.test: /)]);
  listener?.close();
  expect(await said(scope, port)).toMatchObject(["failing", expect.stringContaining("ECONNREFUSED")]);
});

test("while a route in its folder is spoilt it reads none of them: that is put back first, by the route's own stack", async () => {
  const authority = await makeAuthority(made);
  const given = await issued(authority);
  const scope = { ...write(authority, given), owner: { fleet: "f", instance: "0000abcd" } } as Scope;
  const path = join(base, "state/ingress/route.yaml");
  mkdirSync(join(base, "state/ingress"));
  const node = { id: "acme/production/route", kind: "authority", spec: { domain: "x.test", validDays: 1 }, uses: [], from: [] } as const;
  await writeNode(scope, scope.paths.state, node, { files: {}, readers: "public", companion: { path, content: "{}" } });
  const port = await listen({});
  expect(await said(scope, port)).toMatchObject(["failing", expect.any(String)]);
  writeFileSync(path, "{");
  expect(await said(scope, port)).toEqual(["serving", undefined]);
});

test("only what the other end did is an answer: what is late, or what this process lacks, says nothing", () => {
  const answerTo = (code: string) => refusal(Object.assign(new Error("words"), { code })).answer;
  expect(["ERR_SSL_TLSV1_UNRECOGNIZED_NAME", "ECONNREFUSED", "ECONNRESET"].map(answerTo)).toEqual(["none", "none", "none"]);
  expect(["ABORT_ERR", "ETIMEDOUT", "EMFILE", "ENETUNREACH"].map(answerTo)).toEqual(["unknown", "unknown", "unknown", "unknown"]);
  expect(refusal(new DOMException("late", "TimeoutError") as never).answer).toBe("unknown");
});
