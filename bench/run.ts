/** Measures what the README claims, on this machine: `npm run bench`. Medians of one run, and ratios against a floor or a peer of the same run. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { requestThrough } from "../src/adapters/http/through.ts";
import { tenantByHand, untilSignedIn } from "./by-hand.ts";
import { BALLAST, type BenchFleet, benchFleet, median, seconds } from "./fleet.ts";

const ROUNDS = 5;
const REST_SECONDS = Number(process.env["BENCH_REST_SECONDS"] ?? 60);
const TICKS_PER_SECOND = 100;

function line(what: string, figure: string, bar: string): void {
  console.log(`${what.padEnd(58)} ${figure.padEnd(34)} ${bar}`);
}

async function newTenant(fleet: BenchFleet): Promise<void> {
  const ours: number[] = [];
  const floor: number[] = [];
  const tenants = ["first"];
  // Removed at the end: ext4 does not use again the numbers of files that were deleted within the last minutes, and passes over each of them whenever it makes one.
  const undo: (() => Promise<void>)[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const handed = performance.now();
    undo.push(await tenantByHand(fleet, round));
    floor.push(performance.now() - handed);
    tenants.push(`tenant${round}`);
    fleet.declare(tenants);
    const started = performance.now();
    const applied = fleet.ballast(["apply", fleet.folder]);
    if (applied.status !== 0) throw new Error(`apply ended with ${applied.status}: ${applied.stdout}`);
    const password = readFileSync(join(fleet.state, "credentials"), "utf8").match(
      new RegExp(`^tenant${round}/production\\s+\\S+\\s+\\S+\\s+(\\S+)`, "m"),
    )?.[1] as string;
    await untilSignedIn(
      async (body) => {
        const host = `tenant${round}.${fleet.name}.localhost`;
        const headers = { "content-type": "application/json" };
        const door = { address: "127.0.0.1", port: fleet.port, ca: fleet.ca };
        return (await requestThrough(door, { host, path: "/web/session/authenticate", method: "POST", headers, body, seconds: 20 })).body;
      },
      { db: `tenant${round}_production`, login: "admin", password },
    );
    ours.push(performance.now() - started);
  }
  for (const one of undo) await one();
  const [a, b] = [median(ours), median(floor)];
  line("new shared tenant, `apply` to first login over HTTPS", seconds(a), "at most 4 s");
  line("  the same by hand (clone, copy, start, login)", seconds(b), "floor");
  line("  ratio", `${(a / b).toFixed(2)} ×`, "at most 1.5 ×");
}

function noOp(fleet: BenchFleet): void {
  const times = Array.from({ length: ROUNDS }, () => {
    const started = performance.now();
    fleet.ballast(["apply", fleet.folder]);
    return performance.now() - started;
  });
  line("`apply` when nothing differs", seconds(median(times)), "at most 1 s");
}

function statusOf(pid: number): { ticks: number; parent: number; pssKiB: number; name: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const pss = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
    return {
      ticks: Number(fields[11]) + Number(fields[12]),
      parent: Number(fields[1]),
      pssKiB: Number(pss),
      name: stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")")),
    };
  } catch {
    return undefined;
  }
}

/** The embedded server of a fleet: the process named in its postmaster file, and its children. */
function storeProcesses(fleet: BenchFleet): readonly number[] {
  const postmaster = Number(readFileSync(join(fleet.state, "postgres", "data", "postmaster.pid"), "utf8").split("\n")[0]);
  const all = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return [postmaster, ...all.filter((pid) => statusOf(pid)?.parent === postmaster)];
}

function memoryOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (statusOf(pid)?.pssKiB ?? 0), 0);
}

/** Ticks of those processes that are there at both ends: a connection that closed in between is no negative work. */
function ticksSince(before: ReadonlyMap<number, number>): number {
  return [...before].reduce((sum, [pid, ticks]) => sum + Math.max(0, (statusOf(pid)?.ticks ?? ticks) - ticks), 0);
}

function ticksOf(pids: readonly number[]): ReadonlyMap<number, number> {
  return new Map(pids.flatMap((pid) => (statusOf(pid) === undefined ? [] : [[pid, statusOf(pid)?.ticks ?? 0] as const])));
}

async function atRest(fleet: BenchFleet): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const control = [fleet.serverPid()];
  const store = storeProcesses(fleet);
  const before = { control: ticksOf(control), store: ticksOf(store) };
  await new Promise((resolve) => setTimeout(resolve, REST_SECONDS * 1000));
  const share = (ticks: number) => `${((ticks / TICKS_PER_SECOND / REST_SECONDS) * 100).toFixed(2)} % of a core`;
  const mebi = (pids: readonly number[]) => `${Math.round(memoryOf(pids) / 1024)} MiB`;
  line("control plane at rest", `${share(ticksSince(before.control))}, ${mebi(control)}`, "at most 1 %, 200 MiB");
  line("  its PostgreSQL", `${share(ticksSince(before.store))}, ${mebi(store)}`, "at most 100 MiB");
}

function help(): void {
  const node = process.execPath;
  const timed = (program: string, args: readonly string[]) =>
    median(
      Array.from({ length: 11 }, () => {
        const started = performance.now();
        spawnSync(program, args, { stdio: "ignore" });
        return performance.now() - started;
      }),
    );
  timed(BALLAST, ["--help"]);
  const [ours, bare] = [timed(BALLAST, ["--help"]), timed(node, ["-e", "0"])];
  line("`ballast --help`", `${ours.toFixed(0)} ms`, "");
  line("  `node -e 0`", `${bare.toFixed(0)} ms`, "peer");
  line("  ratio", `${(ours / bare).toFixed(2)} ×`, "at most 4 ×");
}

help();
const started = performance.now();
const fleet = benchFleet();
line("`up` of a new fleet, images and template present", seconds(performance.now() - started), "at most 30 s");
try {
  noOp(fleet);
  await newTenant(fleet);
  await atRest(fleet);
} finally {
  fleet.remove();
}
