import { afterAll, beforeAll, expect, test } from "vitest";
import { inStore } from "../../support/control-plane.ts";
import { crossingSuite } from "../../support/crossings.ts";
import { faultyFleet } from "../../support/faulty-fleet.ts";
import { besideLoops } from "../../support/neighbour-loop.ts";

/** `BALLAST_NEIGHBOUR_CHANGES` for another number. */
const CHANGES = Number(process.env["BALLAST_NEIGHBOUR_CHANGES"] ?? 100);
const NEIGHBOURS = ["beta", "gamma"];
const LOOPS = ["acme", ...NEIGHBOURS];
const { fleet, declare, apply } = faultyFleet("churned");

beforeAll(async () => {
  declare(NEIGHBOURS);
  const up = await fleet.ballast("up", fleet.folder, "--yes");
  if (up.code !== 0) throw new Error(up.err);
});
afterAll(() => fleet.remove());

async function applied(tenants: readonly string[], edit?: (text: string) => string): Promise<void> {
  declare([...NEIGHBOURS, ...tenants], edit);
  const ran = await apply();
  if (ran.code !== 0) throw new Error(`${tenants.join(", ")}: ${ran.err}`);
}

/** Says more of the environment of the renamed tenant. */
function saying(more: string): (text: string) => string {
  return (text) => text.replace(/(-neu[\s\S]*pool: everyone)/, `$1${more}`);
}

/** The life of one tenant: six changes. */
const LIFE: readonly ((name: string) => Promise<void>)[] = [
  (name) => applied([name]),
  (name) => applied([`${name}-neu`], (text) => text.replace(`name: ${name}-neu`, `name: ${name}-neu, renamedFrom: ${name}`)),
  (name) => applied([`${name}-neu`], saying(", sizes: { web: { memory: 1Gi } }, quotas: { cpus: 0.5, disk: 5Gi }")),
  async (name) => {
    const rotated = await fleet.ballast("rotate", fleet.folder, `${name}-neu/production`, "--now", "--reason", "a test");
    if (rotated.code !== 0) throw new Error(rotated.err);
  },
  (name) => applied([`${name}-neu`], saying(", suspended: true")),
  async (name) => {
    await applied([]);
    const gone = await fleet.ballast("down", fleet.folder, `${name}-neu/production`, "--delete-data", "--confirm", `${name}-neu`);
    if (gone.code !== 0) throw new Error(gone.err);
  },
];

test(`while tenants of a pool are added, renamed, resized, rotated, suspended and removed ${CHANGES} times, its other tenants fail not one request`, {
  timeout: 3_600_000,
}, async () => {
  const count = await besideLoops(fleet, LOOPS, async () => {
    for (let change = 0; change < CHANGES; change++) {
      await LIFE[change % LIFE.length]?.(`t${Math.floor(change / LIFE.length)}`);
    }
  });
  console.info(`${CHANGES} changes, ${count.requests} requests, ${count.failed.length} failed, slowest ${count.slowestMs} ms`);
  expect(count.failed).toEqual([]);
  expect(count.requests).toBeGreaterThanOrEqual(CHANGES * 30);
});

test("nothing of it is told as a try to get out", async () => {
  const sql = "SELECT entry FROM ledger WHERE entry LIKE '%egress.refused%' ORDER BY 1";
  expect((await inStore<{ entry: string }>(fleet.installation, true, sql)).map((line) => line.entry)).toEqual([]);
});

crossingSuite(fleet);
