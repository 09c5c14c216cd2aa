/**
 * Measures what a control plane costs while nothing happens: `npm run bench:rest`. A fleet of one tenant is brought up, left alone, and then the processor time
 * of the control plane, of the programs that it runs, and of its PostgreSQL is counted for two minutes, in ten parts. Needs Docker and root.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { processOf } from "../test/support/control-plane.ts";
import { PACKAGE_ROOT } from "../test/support/docker-installation.ts";
import { launchedFleet } from "../test/support/launched-fleet.ts";
import { median } from "./fleet.ts";

const SETTLE_SECONDS = 45;
const PARTS = 10;
const PART_SECONDS = 12;
/** The clock of proc(5), USER_HZ. */
const TICKS = 100;

/** Seconds of processor time of a process so far: its own, and that of children which have ended. */
function spent(pid: number): { own: number; children: number } {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text
    .slice(text.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15);
  return { own: (user + system) / TICKS, children: (childUser + childSystem) / TICKS };
}

/** The store's PostgreSQL and its processes. */
function storeProcesses(folder: string): readonly number[] {
  const main = Number(readFileSync(join(folder, "data/postmaster.pid"), "utf8").split("\n")[0]);
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      if (Number.isNaN(pid)) return false;
      if (pid === main) return true;
      try {
        const text = readFileSync(`/proc/${pid}/stat`, "utf8");
        return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1]) === main;
      } catch {
        return false;
      }
    });
}

const fleet = launchedFleet("rest");
const hello = readFileSync(join(PACKAGE_ROOT, "examples/hello/fleet.yaml"), "utf8");
fleet.declare(hello.replace("name: hello", `name: ${fleet.name}`));
try {
  const up = await fleet.ballast("up", fleet.folder, "--yes");
  if (up.code !== 0) throw new Error(up.err);
  await sleep(SETTLE_SECONDS * 1000);
  const pid = processOf(fleet.installation);
  const parts: { plane: number; children: number; store: number }[] = [];
  for (let part = 0; part < PARTS; part++) {
    const before = spent(pid);
    const servers = new Map(storeProcesses(fleet.installation.postgres).map((one) => [one, spent(one).own]));
    const began = performance.now();
    await sleep(PART_SECONDS * 1000);
    const seconds = (performance.now() - began) / 1000;
    const after = spent(pid);
    const alive = new Set(storeProcesses(fleet.installation.postgres));
    const store = [...servers].reduce((sum, [one, was]) => sum + (alive.has(one) ? spent(one).own - was : 0), 0);
    const share = (used: number) => (used / seconds) * 100;
    parts.push({ plane: share(after.own - before.own), children: share(after.children - before.children), store: share(store) });
  }
  for (const name of ["plane", "children", "store"] as const) {
    const values = parts.map((part) => part[name]);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    console.log(
      `${name}: ${mean.toFixed(2)} % of a core, median of parts ${median(values).toFixed(2)} %, most ${Math.max(...values).toFixed(2)} %`,
    );
  }
} finally {
  await fleet.remove();
}
