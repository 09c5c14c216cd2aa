/**
 * Kills each part of a running fleet in turn and measures how long it takes until it serves again, by itself: `npm run bench:recovery`.
 * Prints a table as Markdown. Two columns: from the kill to the last page that failed (a page that reads the database, at the public address),
 * and to the part itself being there again.
 */
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { FleetStatus } from "../src/api/contract/contract.ts";
import { dockerClient } from "../src/app/machine/machine-engine.ts";
import { processOf } from "../test/support/control-plane.ts";
import { until } from "../test/support/docker-bench.ts";
import { insidesOf } from "../test/support/fleet-insides.ts";
import { launchedFleet } from "../test/support/launched-fleet.ts";
import { median } from "./fleet.ts";

const RUNS = Number(process.env["BENCH_RUNS"] ?? 3);
/** Only the parts whose names this matches. */
const WANTED = new RegExp(process.env["BENCH_PARTS"] ?? "");
const PATIENCE_MS = 120_000;
const QUIET_MS = 3000;
const POLL_MS = 100;
/** A control plane that loses its store sooner after its start is left to whoever watches over it. */
const SETTLED_MS = 31_000;

const fleet = launchedFleet("recovery");
const insides = insidesOf(fleet);
const docker = dockerClient();
const CENTRAL = "central/production";
const SHARED = "acme/production";

const HELLO = readFileSync(join(import.meta.dirname, "../examples/hello/fleet.yaml"), "utf8").replace("name: hello", `name: ${fleet.name}`);
/** A tier with a synchronous replica and processes in containers of their own, whose drift is repaired. */
const ISOLATED = `apiVersion: ballast.dev/v1alpha1
kind: Tier
metadata: { name: repaired }
spec: { basedOn: mission-critical, drift: repair }
---
apiVersion: ballast.dev/v1alpha1
kind: Tenant
metadata: { name: central }
spec:
  owner: { name: Central, email: ops@central.example }
  calendar: office
  residency: [DE]
  environments: { production: { hosting: isolated, region: here, tier: repaired, sizes: { web: { processes: 4 } } } }`;

interface Part {
  readonly name: string;
  readonly environment: string;
  readonly strike: () => Promise<void>;
  /** Whether the part is there again, after the strike. */
  readonly back: () => Promise<boolean>;
  /** What a person does, where nothing brings it back by itself. */
  readonly repair?: () => Promise<void>;
  readonly before?: () => Promise<void>;
}

async function listens(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(1000) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** A container that is killed, and is back once another process listens there. */
function killed(name: string, node: string, port: number): Part {
  let before = 0;
  return {
    name,
    environment: node.startsWith("central") ? CENTRAL : SHARED,
    async strike() {
      before = (await (await insides.container(node)).inspect()).State.Pid;
      await insides.crash(node);
    },
    async back() {
      const { State: state } = await (await insides.container(node)).inspect();
      return state.Running && state.Pid !== before && (await listens(await insides.address(node), port));
    },
  };
}

function cutOff(name: string, node: string): Part {
  return {
    name,
    environment: SHARED,
    async strike() {
      const { container, wall } = await until(`${node} behind its wall`, 60, async () => {
        const found = await insides.container(node);
        const walls = Object.keys((await found.inspect()).NetworkSettings.Networks);
        const name = walls.find((one) => one.includes("acme-production"));
        return name === undefined ? undefined : { container: found, wall: name };
      });
      await docker.getNetwork(wall).disconnect({ Container: container.id, Force: true });
    },
    async back() {
      const { NetworkSettings: settings } = await (await insides.container(node)).inspect();
      return Object.keys(settings.Networks).some((one) => one.includes("acme-production"));
    },
  };
}

async function planeAnswers(): Promise<boolean> {
  return (await fleet.ballast("status", fleet.folder, "--json")).code !== 4;
}

const routes = join(fleet.installation.root, "ingress");
const routeFile = () => readdirSync(routes).find((name) => name.startsWith("acme-production-route"));

const PARTS: readonly Part[] = [
  killed("Odoo, shared", `${SHARED}/odoo`, 8069),
  killed("Odoo, web", `${CENTRAL}/odoo-web`, 8069),
  killed("Odoo, websocket", `${CENTRAL}/odoo-websocket`, 8072),
  killed("Odoo, cron", `${CENTRAL}/odoo-cron`, 8069),
  killed("Odoo, jobs", `${CENTRAL}/odoo-jobs`, 8069),
  killed("Odoo, report", `${CENTRAL}/odoo-report`, 8069),
  killed("PgBouncer", `${CENTRAL}/pooler`, 6432),
  killed("Redis", `${CENTRAL}/redis`, 6379),
  killed("PostgreSQL of a pool", "pool/everyone/postgres", 5432),
  killed("PostgreSQL with a replica", `${CENTRAL}/postgres`, 5432),
  killed("the replica", `${CENTRAL}/postgres-replica`, 5432),
  killed("the ingress", "platform/here/ingress", 8443),
  cutOff("network of Odoo cut", `${SHARED}/odoo`),
  cutOff("network of the ingress cut", "platform/here/ingress"),
  {
    name: "a route's file deleted",
    environment: SHARED,
    strike: async () => rmSync(join(routes, routeFile() ?? "")),
    back: async () => routeFile() !== undefined,
  },
  {
    name: "the control plane (`up` afterwards)",
    environment: SHARED,
    strike: async () => void process.kill(processOf(fleet.installation), "SIGKILL"),
    repair: async () => void (await fleet.ballast("up", fleet.folder, "--yes")),
    back: planeAnswers,
  },
  {
    name: "the control plane's PostgreSQL",
    environment: SHARED,
    before: () => sleep(SETTLED_MS),
    async strike() {
      const pid = Number(readFileSync(join(fleet.installation.postgres, "data/postmaster.pid"), "utf8").split("\n")[0]);
      process.kill(pid, "SIGKILL");
    },
    back: planeAnswers,
  },
];

interface Figures {
  /** Milliseconds from the strike to the end of the last page that failed; 0 where none did. */
  readonly page: number;
  readonly part: number;
}

async function serves(environment: string): Promise<boolean> {
  return await fleet.ask(environment, "/web/login", { seconds: 2 }).then(
    ({ status }) => status === 200,
    () => false,
  );
}

/** Strikes once, and watches page and part until both are there and stay so. */
async function measure(part: Part): Promise<Figures> {
  await part.before?.();
  const begun = performance.now();
  const since = () => performance.now() - begun;
  await part.strike();
  const repairing = part.repair?.() ?? Promise.resolve();
  let page = 0;
  let there: number | undefined;
  const watching = (async () => {
    while (there === undefined && since() < PATIENCE_MS) {
      if (await part.back().catch(() => false)) there = since();
      else await sleep(POLL_MS);
    }
  })();
  let quietSince: number | undefined;
  while (since() < PATIENCE_MS) {
    const well = await serves(part.environment);
    if (!well) page = since();
    quietSince = well && there !== undefined ? (quietSince ?? since()) : undefined;
    if (quietSince !== undefined && since() - quietSince > QUIET_MS) break;
    await sleep(POLL_MS);
  }
  await Promise.all([watching, repairing]);
  if (there === undefined) throw new Error(`${part.name} was not back within ${PATIENCE_MS / 1000} s`);
  return { page, part: there };
}

/** Waits until nothing is under way and nothing differs: a strike into a repairing would measure the next try of the reconciler, not the first. */
async function settle(): Promise<void> {
  await until("everything at rest", 300, async () => {
    const { out } = await fleet.ballast("status", fleet.folder, "--json");
    const { stacks } = JSON.parse(out) as FleetStatus;
    return stacks.every(({ state, drift, changing }) => state === "serving" && drift.length === 0 && changing === undefined) || undefined;
  });
}

function shown(milliseconds: readonly number[]): string {
  const middle = median(milliseconds);
  return middle === 0 ? "no page failed" : `${(middle / 1000).toFixed(1)} s`;
}

fleet.declare(`${HELLO}\n---\n${ISOLATED}`);
try {
  const up = await fleet.ballast("up", fleet.folder, "--yes");
  if (up.code !== 0) throw new Error(up.err);
  console.log("| killed | pages again after | the part again after |\n|---|---|---|");
  for (const part of PARTS.filter(({ name }) => WANTED.test(name))) {
    const runs: Figures[] = [];
    const failed: string[] = [];
    for (let run = 0; run < RUNS; run++) {
      await settle();
      await measure(part).then(
        (figures) => runs.push(figures),
        (error: Error) => failed.push(error.message),
      );
    }
    const cells = failed.length > 0 ? [failed[0] ?? "", ""] : [shown(runs.map((run) => run.page)), shown(runs.map((run) => run.part))];
    console.log(`| ${part.name} | ${cells.join(" | ")} |`);
  }
} finally {
  await fleet.remove();
}
