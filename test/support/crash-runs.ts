import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { openStore } from "../../src/adapters/store/store.ts";
import { firstBroken } from "../../src/domain/ledger/entry.ts";
import { createWorld, type World } from "../../src/engines/memory/world.ts";
import { PACKAGE_ROOT } from "./docker-installation.ts";
import type { TestServer } from "./embedded-server.ts";
import { struckIn } from "./strike.ts";

const CHILD = join(PACKAGE_ROOT, "test/support/crash-child.ts");
/** Far above the number of steps: a loop that never ends must fail the test, not hang it. */
const MOST_RESTARTS = 400;

const HELLO = readFileSync(join(PACKAGE_ROOT, "examples/hello/fleet.yaml"), "utf8");
/** The same fleet with a larger web memory for its tenant: a change that restarts Odoo. */
const LARGER = HELLO.replace("{ hosting: shared, pool: everyone }", "{ hosting: shared, pool: everyone, sizes: { web: { memory: 1Gi } } }");

export interface Run {
  readonly restarts: number;
  readonly result: { readonly state: string; readonly problems: readonly unknown[] };
}

export interface Place {
  readonly connectionString: string;
  readonly folder: string;
}

export async function newPlace(server: TestServer, name: string): Promise<Place> {
  return { connectionString: await server.database(name), folder: mkdtempSync(join(server.folder, `${name}-`)) };
}

/** Starts the control plane again each time it was killed, until the operation ends. */
export async function untilDone(place: Place, request: object, moments: string): Promise<Run> {
  for (let restarts = 0; restarts < MOST_RESTARTS; restarts++) {
    const { signal, output } = await once(place, [JSON.stringify(request), moments]);
    if (signal === "SIGKILL") continue;
    return { restarts, result: JSON.parse(output) as Run["result"] };
  }
  throw new Error(`still not done after ${MOST_RESTARTS} restarts`);
}

/** Starts an operation that is killed at one point, and not taken up again. */
export async function killedAt(place: Place, request: object, point: string): Promise<void> {
  const { signal, output } = await once(place, [JSON.stringify(request), point]);
  if (signal !== "SIGKILL") throw new Error(`it came to its end without ${point}: ${output}`);
}

function once(place: Place, args: readonly string[]): Promise<{ signal: NodeJS.Signals | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CHILD, place.connectionString, place.folder, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let errors = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (signal === "SIGKILL" || code === 0) resolve({ signal, output });
      else reject(new Error(`ended with ${code}: ${errors}`));
    });
  });
}

export function worldAt(place: Place): World {
  return createWorld({ file: join(place.folder, "world.json") });
}

/** What is there, without when and how often. */
export function picture(world: World): readonly string[] {
  return [...world.objects].map(([id, object]) => `${id} ${object.hash} ${object.condition}`).sort();
}

export function struckPoints(place: Place): readonly string[] {
  return struckIn(join(place.folder, "struck.json"));
}

const shared = { actor: { kind: "person", name: "test" }, closing: "keep-data", wanted: "declared" };
export const provision = { ...shared, operation: "op-provision", files: [{ path: "fleet.yaml", text: HELLO }] };
export const change = { ...shared, operation: "op-change", files: [{ path: "fleet.yaml", text: LARGER }], override: { reason: "a test" } };
export const remove = {
  ...shared,
  operation: "op-remove",
  files: provision.files,
  wanted: "gone",
  closing: "remove-all",
  confirmed: "hello",
  override: { reason: "removed by name" },
};

/** After the last restart: nobody holds a lease, and the ledger's chain has no break. */
export async function expectCleanStore(place: Place): Promise<void> {
  const store = await openStore({ connectionString: place.connectionString, maxConnections: 2, onLostConnection: () => undefined });
  for (const stack of ["platform/here", "pool/everyone", "acme/production"]) expect(await store.leaseOf(stack)).toBeUndefined();
  const lines = await store.ledgerLines(10_000);
  expect(lines.length).toBeGreaterThan(0);
  expect(firstBroken(lines)).toBeUndefined();
  await store.close();
}
