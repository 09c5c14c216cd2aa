/**
 * A control plane over the simulated machine that lives through a day of churn, and is killed now and then.
 * Arguments: connection string, working folder, seed. Goes on where the process before it was killed; writes `day.json` when the day is over.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { takeLeadership } from "../../src/adapters/store/leader.ts";
import { createWorld } from "../../src/engines/memory/world.ts";
import { type Churn, churn, fleetText } from "./churn.ts";
import { simulatedPlane } from "./simulated-plane.ts";

const HOUR = 3_600_000;
const LOOK_MS = 12_000;
const LOOKS_AN_ACT = 10;
const LOOKS_A_SWEEP = 50;
/** One process in so many steps is killed, in the first half of the day; the second is for seeing whether anything grows. */
const KILLED_ONE_IN = 250;
const [connectionString, folder, seedText] = process.argv.slice(2) as [string, string, string];
const BEGIN = Date.parse("2026-11-20T12:00:00Z");
const HALF = BEGIN + 12 * HOUR;
const END = BEGIN + 24 * HOUR;

const leadership = await takeLeadership(connectionString, 20);
if (leadership === undefined) throw new Error("another process still leads");
const world = createWorld({ file: join(folder, "world.json"), now: BEGIN });
const diary = join(folder, "diary.json");
const state: Churn = existsSync(diary)
  ? (JSON.parse(readFileSync(diary, "utf8")) as Churn)
  : { seed: Number(seedText), acts: {}, began: 0, kills: 0, tenants: ["t0"], marks: [] };
const remember = () => writeFileSync(diary, JSON.stringify(state));
let steps = 0;
const simulated = await simulatedPlane({
  connectionString,
  fleet: "soak",
  world,
  now: () => world.now,
  aroundStep() {
    steps += 1;
    // The number of steps that this process survives follows from the seed and from how many died before it.
    if (world.now >= HALF || steps < 20 + ((state.seed + state.kills * 7919) % KILLED_ONE_IN)) return;
    state.kills += 1;
    remember();
    process.kill(process.pid, "SIGKILL");
  },
});

async function mark(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const heapBytes = process.memoryUsage().heapUsed;
  const { pool } = simulated.store;
  const { rows } = await pool.query<{ workflows: number; operations: number; ledger: number; storeBytes: string }>(
    `SELECT (SELECT count(*)::int FROM dbos.workflow_status) AS workflows, (SELECT count(*)::int FROM operation) AS operations,
            (SELECT count(*)::int FROM ledger) AS ledger, pg_database_size(current_database())::text AS "storeBytes"`,
  );
  const { storeBytes, ...counted } = rows[0] as (typeof rows)[number];
  const resources = process.getActiveResourcesInfo().filter((name) => name !== "Timeout" && name !== "Immediate").length;
  state.marks.push({ hour: (world.now - BEGIN) / HOUR, heapBytes, resources, storeBytes: Number(storeBytes), ...counted });
}

if (state.began === 0) {
  await simulated.plane.start({
    verb: "apply",
    id: "op-begin",
    actor: "anna",
    files: [{ path: "fleet.yaml", text: fleetText(["t0"], {}) }],
  });
  await simulated.ended("op-begin");
}
let nextMark = HALF + HOUR;
while (world.now < END) {
  world.now += LOOK_MS;
  await simulated.look();
  if (state.began % LOOKS_AN_ACT === 0) await churn({ simulated, world, state, remember });
  if (state.began % LOOKS_A_SWEEP === 0) await simulated.sweep();
  state.began += 1;
  remember();
  if (world.now >= nextMark) {
    await mark();
    nextMark += HOUR;
  }
}
// Whatever was broken last is given the time that a repairing takes, pauses between tries included.
await simulated.plane.start({
  verb: "apply",
  id: "op-end",
  actor: "anna",
  files: [{ path: "fleet.yaml", text: fleetText(["t0"], {}) }],
  override: { reason: "the day is over" },
  confirmed: "soak",
});
await simulated.ended("op-end");
for (let looks = 0; looks < 600; looks++) {
  world.now += LOOK_MS;
  await simulated.look();
}
const status = await simulated.plane.status();
const operations = await simulated.plane.operations(5000);
const { rows: leases } = await simulated.store.pool.query("SELECT stack FROM lease");
writeFileSync(
  join(folder, "day.json"),
  `${JSON.stringify({
    kills: state.kills,
    acts: state.acts,
    looks: state.began,
    marks: state.marks,
    faults: simulated.faults.map(String),
    running: operations.filter((one) => one.state === "running").map((one) => one.id),
    leases,
    // Whose data is kept until its date is as it should be.
    unlike: status.stacks.filter((one) => one.state !== "serving" && one.state !== "undeclared").map((one) => `${one.stack} ${one.state}`),
    ledger: await simulated.store.ledgerLines(1_000_000),
  })}\n`,
);
await simulated.close();
process.exit(0);
