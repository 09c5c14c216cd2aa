/** Measures a large fleet on the simulated engine: `npm run bench:large`. Each size runs in a process of its own; medians of one run. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { compile } from "../src/domain/blueprint/compile.ts";
import { loadFleet } from "../src/domain/fleet/load.ts";
import { planStack } from "../src/domain/plan/plan.ts";
import { checkPolicies } from "../src/domain/policy/check.ts";
import { createMemoryEngine } from "../src/engines/memory/engine.ts";
import { createWorld } from "../src/engines/memory/world.ts";
import { survey } from "../src/engines/survey.ts";
import { median } from "./fleet.ts";

const ROUNDS = 3;
const API = "apiVersion: ballast.dev/v1alpha1";
const PER_POOL = 50;

/** Nine in ten tenants share a pool of fifty, one has an environment of its own, one in five a staging. Twenty tenants a file. */
function files(tenants: number, mistake: boolean): { path: string; text: string }[] {
  const pools = Math.ceil(tenants / PER_POOL);
  const base = [
    `${API}\nkind: Fleet\nmetadata: { name: large }`,
    `${API}\nkind: Region\nmetadata: { name: here }\nspec: { engine: { docker: {} }, jurisdiction: DE }`,
    `${API}\nkind: Calendar\nmetadata: { name: office }\nspec: { zone: Europe/Berlin, coveredUntil: 2028-12-31, maintenance: [{ days: [sun], from: "02:00", to: "05:00" }] }`,
    ...Array.from(
      { length: pools },
      (_, index) => `${API}\nkind: Pool\nmetadata: { name: pool-${index} }\nspec: { postgres: { maxConnections: 2000 } }`,
    ),
  ];
  const all = Array.from({ length: tenants }, (_, index) => {
    const hosting =
      index % 10 === 9 ? "{ hosting: isolated, tier: business }" : `{ hosting: shared, pool: pool-${Math.floor(index / PER_POOL)} }`;
    const staging = index % 5 === 0 ? ", staging: { hosting: isolated, tier: development, copyOf: production }" : "";
    const wrong = mistake && index === Math.floor(tenants / 2) ? hosting.replace("hosting:", "hostin:") : hosting;
    return `${API}\nkind: Tenant\nmetadata: { name: tenant-${index} }\nspec:\n  owner: { name: Branch ${index}, email: ops@tenant${index}.example }\n  calendar: office\n  environments: { production: ${wrong}${staging} }`;
  });
  const result = [{ path: "fleet.yaml", text: base.join("\n---\n") }];
  for (let from = 0; from < all.length; from += 20) {
    result.push({ path: `tenants/${String(from).padStart(6, "0")}.yaml`, text: all.slice(from, from + 20).join("\n---\n") });
  }
  return result;
}

async function wholePlan(texts: readonly { path: string; text: string }[]): Promise<{ stacks: number; changes: number; problems: number }> {
  const loaded = loadFleet(texts, { today: "2026-11-22" });
  if (!loaded.ok) return { stacks: 0, changes: 0, problems: loaded.problems.length };
  const compiled = compile(loaded.value, { images: {}, ingress: { address: "127.0.0.1", port: 8443 }, certificateGeneration: 1 });
  if (!compiled.ok) return { stacks: 0, changes: 0, problems: compiled.problems.length };
  const findings = checkPolicies({ loaded: loaded.value, stacks: compiled.value.stacks, today: "2026-11-22" });
  if (findings.some((finding) => finding.severity === "error")) throw new Error(JSON.stringify(findings.slice(0, 3)));
  const stacks = [...compiled.value.stacks.values()];
  const engine = createMemoryEngine(createWorld());
  const observations = await survey(engine, stacks);
  let changes = 0;
  for (const [index, stack] of stacks.entries())
    changes += planStack(stack, observations[index] as (typeof observations)[number]).changes.length;
  return { stacks: stacks.length, changes, problems: 0 };
}

async function measure(tenants: number, mistake: boolean): Promise<void> {
  const texts = files(tenants, mistake);
  const started = performance.now();
  const result = await wholePlan(texts);
  const ms = performance.now() - started;
  const most = /^VmHWM:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  console.log(JSON.stringify({ ms, rssMiB: Number(most) / 1024, ...result }));
}

interface Measured {
  readonly ms: number;
  readonly rssMiB: number;
  readonly stacks: number;
  readonly changes: number;
  readonly problems: number;
}

/** The first run of a process, which also warms the compiler, is the one that a user meets: so each round has a process of its own. */
function inOwnProcesses(tenants: number, mistake: boolean): Measured {
  const rounds = Array.from({ length: ROUNDS }, () => inOwnProcess(tenants, mistake));
  return { ...(rounds[0] as Measured), ms: median(rounds.map((one) => one.ms)), rssMiB: median(rounds.map((one) => one.rssMiB)) };
}

function inOwnProcess(tenants: number, mistake: boolean): Measured {
  const done = spawnSync(process.execPath, [import.meta.filename, String(tenants), String(mistake)], {
    encoding: "utf8",
    timeout: 300_000,
  });
  if (done.status !== 0) throw new Error(done.stderr);
  return JSON.parse(done.stdout) as Measured;
}

function line(what: string, figure: string, bar: string): void {
  console.log(`${what.padEnd(64)} ${figure.padEnd(40)} ${bar}`);
}

const [tenants, mistake] = process.argv.slice(2);
if (tenants === undefined) {
  const thousand = inOwnProcesses(1000, false);
  const wrong = inOwnProcesses(1000, true);
  const many = inOwnProcesses(10_000, false);
  const of = (one: Measured) => `${(one.ms / 1000).toFixed(2)} s, ${one.rssMiB.toFixed(0)} MiB`;
  line(
    `1,000 tenants: load, compile, check, plan (${thousand.stacks} stacks, ${thousand.changes} changes)`,
    of(thousand),
    "at most 2 s, 300 MiB",
  );
  line(`  one mistake in it (${wrong.problems} problems)`, of(wrong), "the same time");
  line(`10,000 tenants (${many.stacks} stacks, ${many.changes} changes)`, of(many), "");
  line("  ratio to 1,000", `${(many.ms / thousand.ms).toFixed(1)} ×`, "at most 12 ×");
} else {
  await measure(Number(tenants), mistake === "true");
}
