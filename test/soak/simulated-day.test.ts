import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { firstBroken, type LedgerLine } from "../../src/domain/ledger/entry.ts";
import { PACKAGE_ROOT } from "../support/docker-installation.ts";
import { type TestServer, testServer } from "../support/embedded-server.ts";

const CHILD = join(PACKAGE_ROOT, "test/support/soak-child.ts");
/** Far above what a day brings: a process that dies again and again must fail the test, not hang it. */
const MOST_LIVES = 500;

interface Mark {
  readonly hour: number;
  readonly heapBytes: number;
  readonly resources: number;
  readonly storeBytes: number;
  readonly workflows: number;
  readonly operations: number;
  readonly ledger: number;
}

interface Day {
  readonly kills: number;
  readonly looks: number;
  readonly acts: Readonly<Record<string, number>>;
  readonly marks: readonly Mark[];
  readonly faults: readonly string[];
  readonly running: readonly string[];
  readonly leases: readonly unknown[];
  readonly unlike: readonly string[];
  readonly ledger: readonly LedgerLine[];
}

let server: TestServer;
let day: Day;

function once(args: readonly string[]): Promise<NodeJS.Signals | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--expose-gc", CHILD, ...args], { stdio: ["ignore", "ignore", "pipe"] });
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (signal === "SIGKILL" || code === 0) resolve(signal);
      else reject(new Error(`ended with ${code}: ${errors}`));
    });
  });
}

beforeAll(async () => {
  // A day passes in minutes: what is deleted must be cleared away as much faster.
  server = await testServer({ autovacuum_naptime: "1s" });
  const connectionString = await server.database("day");
  const folder = mkdtempSync(join(server.folder, "day-"));
  const seed = process.env["BALLAST_SOAK_SEED"] ?? "20261120";
  for (let lives = 0; lives < MOST_LIVES; lives++) {
    if ((await once([connectionString, folder, seed])) === "SIGKILL") continue;
    day = JSON.parse(readFileSync(join(folder, "day.json"), "utf8")) as Day;
    break;
  }
  const { marks, kills, looks, acts } = day;
  console.info(JSON.stringify({ seed, kills, looks, acts, first: marks[0], last: marks.at(-1) }, undefined, 2));
});
afterAll(async () => {
  await server.stop();
});

test("a day of churn was lived through: it was killed often, and every kind of act happened", () => {
  expect(day.kills).toBeGreaterThan(20);
  expect(Object.keys(day.acts).sort()).toEqual(["damage", "declare", "journey", "remove", "rest", "silence"]);
  expect(day.looks).toBeGreaterThan(4000);
});

test("no operation is stuck, nobody holds a stack, and everything is as declared", () => {
  expect([day.running, day.leases, day.unlike, day.faults]).toEqual([[], [], [], []]);
});

test("the ledger has no break and no gap", () => {
  expect(firstBroken(day.ledger)).toBeUndefined();
  expect(day.ledger.length).toBeGreaterThan(500);
});

test("nothing grows but the ledger: heap, open handles, workflow records and bytes without the ledger are what they were half a day before", () => {
  const [first, last] = [day.marks[0] as Mark, day.marks.at(-1) as Mark];
  const largest = (of: (mark: Mark) => number) => Math.max(...day.marks.slice(-3).map(of));
  expect(largest((mark) => mark.heapBytes)).toBeLessThan(first.heapBytes * 1.25);
  expect(last.resources).toBeLessThanOrEqual(first.resources + 2);
  expect(largest((mark) => mark.workflows)).toBeLessThan(400);
  expect(largest((mark) => mark.operations)).toBeLessThan(1000 * 8);
  expect(largest((mark) => mark.storeBytes)).toBeLessThan(96 * 1024 ** 2);
});
