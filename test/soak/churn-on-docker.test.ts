import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FleetStatus, OperationShape } from "../../src/api/contract/contract.ts";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import { firstBroken, type LedgerLine } from "../../src/domain/ledger/entry.ts";
import { chance, fleetText } from "../support/churn.ts";
import { inStore, processOf } from "../support/control-plane.ts";
import { until } from "../support/docker-bench.ts";
import { insidesOf } from "../support/fleet-insides.ts";
import { endsWell, launchedFleet } from "../support/launched-fleet.ts";

/** `BALLAST_SOAK_MINUTES` for another length, `BALLAST_SOAK_SEED` to repeat one. */
const MINUTES = Number(process.env["BALLAST_SOAK_MINUTES"] ?? 60);
const SEED = Number(process.env["BALLAST_SOAK_SEED"] ?? 20261123);
const MARK_MS = 5 * 60_000;
/** The longest that a repairing may take: five looks, a pause between tries, a cold start of Odoo on a machine that is busy. */
const HEALED_SECONDS = 240;
const MOST_TENANTS = 4;

const fleet = launchedFleet("soak");
const insides = insidesOf(fleet);
const docker = dockerClient();
const tenants = ["t0"];
const memory: Record<string, number> = {};
const acts: Record<string, number> = {};
const healing: number[] = [];

interface Mark {
  readonly minute: number;
  readonly serverMiB: number;
  readonly serverFiles: number;
  readonly storeMiB: number;
  readonly workflows: number;
  readonly operations: number;
  readonly ledger: number;
}
const marks: Mark[] = [];

function declare(): void {
  fleet.declare(fleetText(tenants, memory, fleet.name));
}

/** What waits for a window is no failure: what was just broken may be found before it is repaired. */
const WELL = [0, 3];

async function must(...words: readonly string[]): Promise<void> {
  const ran = await fleet.ballast(...words);
  if (!WELL.includes(ran.code ?? -1)) throw new Error(`${words.join(" ")} ended with ${ran.code}: ${ran.err}`);
}

async function unwell(): Promise<readonly string[]> {
  const { out, err } = await fleet.ballast("status", fleet.folder, "--json");
  if (out === "") return [err];
  const status = JSON.parse(out) as FleetStatus & { problems?: readonly { message: string }[] };
  if (status.stacks === undefined) return (status.problems ?? []).map((problem) => problem.message);
  const amiss = status.stacks.filter((one) => one.state !== "serving" || one.drift.length > 0);
  return amiss.map(
    (one) => `${one.stack} ${one.state} ${[...one.because, ...one.drift.map((drift) => `${drift.node} ${drift.says}`)].join(", ")}`,
  );
}

async function healed(after: string): Promise<void> {
  const began = performance.now();
  for (;;) {
    const amiss = await unwell();
    if (amiss.length === 0) break;
    if (performance.now() - began > HEALED_SECONDS * 1000) throw new Error(`${HEALED_SECONDS} s after ${after}: ${amiss.join("; ")}`);
    await sleep(1000);
  }
  healing.push((performance.now() - began) / 1000);
}

function some<T>(of: readonly T[], dice: number): T {
  return of[Math.min(of.length - 1, Math.floor(dice * of.length))] as T;
}

async function containers(): Promise<readonly { id: string; node: string; kind: string }[]> {
  const found = await docker.listContainers({ filters: { label: [`ballast.fleet=${fleet.name}`] } });
  return found.flatMap(({ Id, Labels }) => {
    const [node, kind] = [Labels["ballast.node"], Labels["ballast.kind"]];
    return node === undefined || kind === undefined ? [] : [{ id: Id, node, kind }];
  });
}

const ACTS: Readonly<Record<string, (dice: number) => Promise<void>>> = {
  async create() {
    const spare = Array.from({ length: MOST_TENANTS }, (_, index) => `t${index}`).find((name) => !tenants.includes(name));
    if (spare === undefined) return;
    tenants.push(spare);
    declare();
    await must("apply", fleet.folder, "--now", "--reason", "soak");
  },
  async change(dice) {
    memory[some(tenants, dice)] = 704 + 32 * Math.floor(dice * 8);
    declare();
    await must("apply", fleet.folder, "--now", "--reason", "soak");
  },
  async remove(dice) {
    if (tenants.length === 1) return;
    const gone = some(tenants.slice(1), dice);
    tenants.splice(tenants.indexOf(gone), 1);
    declare();
    await must("apply", fleet.folder, "--now", "--reason", "soak");
    await must("down", "--fleet", fleet.name, `${gone}/production`, "--delete-data", "--confirm", gone);
  },
  async crash(dice) {
    // What was just started again by Docker may have no process at this moment.
    await until("a process to crash", 60, () =>
      containers()
        .then((all) => insides.crash(some(all, dice).node))
        .then(
          () => true,
          () => undefined,
        ),
    );
  },
  async deletion(dice) {
    // PostgreSQL's data are in its volume: its container may go like any other.
    const { id } = some(await containers(), dice);
    await docker.getContainer(id).remove({ force: true });
  },
  async cut(dice) {
    const { id } = some(
      (await containers()).filter((one) => one.kind === "odoo" || one.kind === "ingress"),
      dice,
    );
    const networks = Object.keys((await docker.getContainer(id).inspect()).NetworkSettings.Networks);
    await docker.getNetwork(some(networks, dice)).disconnect({ Container: id, Force: true });
  },
  async rotate(dice) {
    await must("rotate", fleet.folder, `${some(tenants, dice)}/production`, "--now", "--reason", "soak");
  },
  async journey(dice) {
    await must("journey", fleet.folder, `${some(tenants, dice)}/production`);
  },
  async kill() {
    process.kill(processOf(fleet.installation), "SIGKILL");
    await must("up", fleet.folder, "--yes", "--plain");
  },
};
const NAMES = ["create", "create", "change", "remove", "crash", "crash", "deletion", "cut", "rotate", "journey", "kill"];

async function mark(minute: number): Promise<void> {
  const pid = processOf(fleet.installation);
  const resident = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  const [counted] = await inStore<{ bytes: string; workflows: number; operations: number; ledger: number }>(
    fleet.installation,
    true,
    `SELECT pg_database_size(current_database())::text AS bytes, (SELECT count(*)::int FROM dbos.workflow_status) AS workflows,
            (SELECT count(*)::int FROM operation) AS operations, (SELECT count(*)::int FROM ledger) AS ledger`,
  );
  const { bytes, ...rest } = counted as { bytes: string; workflows: number; operations: number; ledger: number };
  marks.push({
    minute,
    serverMiB: Math.round(Number(resident) / 1024),
    serverFiles: readdirSync(`/proc/${pid}/fd`).length,
    storeMiB: Math.round(Number(bytes) / 1024 ** 2),
    ...rest,
  });
  console.info(JSON.stringify(marks.at(-1)));
}

beforeAll(
  async () => {
    declare();
    await must("up", fleet.folder, "--yes");
    const began = performance.now();
    let marked = began - MARK_MS;
    for (let place = 0; performance.now() - began < MINUTES * 60_000; place++) {
      if (performance.now() - marked >= MARK_MS) {
        marked = performance.now();
        await mark(Math.round((marked - began) / 60_000));
      }
      const name = some(NAMES, chance(SEED, place));
      acts[name] = (acts[name] ?? 0) + 1;
      await ACTS[name]?.(chance(SEED + 1, place));
      await healed(`${name}, act ${place}`);
    }
    await mark(MINUTES);
    const worst = [...healing].sort((a, b) => a - b);
    const [half, most] = [worst[Math.floor(worst.length / 2)] ?? 0, worst.at(-1) ?? 0];
    console.info(JSON.stringify({ seed: SEED, acts, healedSeconds: { median: half.toFixed(1), most: most.toFixed(1) } }));
  },
  (MINUTES + 30) * 60_000,
);
afterAll(async () => {
  await fleet.remove();
}, 300_000);

test("every kind of act happened", () => {
  expect(Object.keys(acts).sort()).toEqual([...new Set(NAMES)].sort());
});

test("everything is as declared, no operation is stuck, nobody holds a stack", async () => {
  await endsWell(fleet.ballast("plan", fleet.folder, "--exit-code"));
  const running = await inStore<OperationShape>(fleet.installation, true, "SELECT id FROM operation WHERE state = 'running'");
  expect([running, await inStore(fleet.installation, true, "SELECT stack FROM lease"), await unwell()]).toEqual([[], [], []]);
});

test("nothing is left of what went: containers, networks, volumes, databases and folders are those of the declared", async () => {
  const filters = { label: [`ballast.fleet=${fleet.name}`] };
  const stacks = new Set(["platform/here", "pool/everyone", ...tenants.map((name) => `${name}/production`)]);
  const networks = (await docker.listNetworks({ filters })).map((one) => one.Labels?.["ballast.stack"] ?? "");
  const volumes = ((await docker.listVolumes({ filters })).Volumes ?? []).map((one) => one.Labels["ballast.stack"] ?? "");
  const boxes = (await docker.listContainers({ all: true, filters })).map((one) => one.Labels["ballast.stack"] ?? one.Names.join());
  expect([...networks, ...volumes, ...boxes].filter((stack) => !stacks.has(stack))).toEqual([]);
  const { text } = await insides.inside("pool/everyone/postgres", ["psql", "-AtU", "postgres", "-c", "SELECT datname FROM pg_database"]);
  const databases = text.split("\n").filter((name) => /_production|^~|journey/.test(name));
  expect(databases.sort()).toEqual(tenants.map((name) => `${name}_production`).sort());
  const chains = execFileSync("find", [fleet.installation.volatile, "-mindepth", "3", "-maxdepth", "3", "-path", "*/nodes/*"]).toString();
  expect(
    chains.split("\n").filter((path) => /\/t\d\/production/.test(path) && !tenants.some((name) => path.includes(`/${name}/`))),
  ).toEqual([]);
});

test("the ledger has no break, and the control plane and its store do not grow", async () => {
  const lines = await inStore<LedgerLine & { seq: string }>(
    fleet.installation,
    true,
    "SELECT seq, at, entry, hash FROM ledger ORDER BY seq",
  );
  expect(firstBroken(lines.map((line) => ({ ...line, seq: Number(line.seq) })))).toBeUndefined();
  const last = marks.at(-1) as Mark;
  expect([last.serverMiB < 300, last.serverFiles < 120, last.storeMiB < 96, last.workflows < 1000]).toEqual([true, true, true, true]);
});
