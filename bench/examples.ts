/** Measures the examples as they are in the repository: `npm run bench:examples`. Images and templates must be there, so run it twice. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { dockerClient } from "../src/app/machine/machine-engine.ts";
import { ballast, seconds } from "./fleet.ts";

const ROOT = join(import.meta.dirname, "..");
const EXAMPLES = ["regional-distributor", "third-party-logistics"];
const REST_SECONDS = Number(process.env["BENCH_REST_SECONDS"] ?? 60);
const MIB = 1024 * 1024;

interface Stats {
  readonly memory_stats: {
    readonly usage?: number;
    readonly stats?: { readonly total_inactive_file?: number; readonly inactive_file?: number };
  };
}

/** What `docker stats` calls the use of memory: without the pages of files that nobody holds. */
async function memoryAtRest(fleet: string): Promise<readonly [string, number][]> {
  const docker = dockerClient();
  const containers = await docker.listContainers({ filters: { label: [`ballast.fleet=${fleet}`] } });
  const rows = containers.map(async (one): Promise<[string, number]> => {
    const { memory_stats: memory } = (await docker.getContainer(one.Id).stats({ stream: false })) as unknown as Stats;
    const files = memory.stats?.total_inactive_file ?? memory.stats?.inactive_file ?? 0;
    return [one.Labels["ballast.node"] ?? "", ((memory.usage ?? 0) - files) / MIB];
  });
  return (await Promise.all(rows)).sort(([a], [b]) => (a < b ? -1 : 1));
}

async function measure(example: string): Promise<void> {
  const name = `bench-${randomBytes(2).toString("hex")}`;
  const folder = mkdtempSync(join(tmpdir(), "ballast-bench-"));
  const text = readFileSync(join(ROOT, "examples", example, "fleet.yaml"), "utf8");
  const own = text.replace(/(kind: Fleet\nmetadata: \{ name: )[a-z-]+/, `$1${name}`).replace(/domain: .+/, `domain: ${name}.localhost`);
  writeFileSync(join(folder, "fleet.yaml"), own);
  try {
    const started = performance.now();
    const up = ballast(["up", folder, "--yes", "--plain"], "ignore");
    if (up.status !== 0) throw new Error(`${example} did not come up: ${up.stdout}`);
    console.log(`\`up\` of ${example}, to the last journey: ${seconds(performance.now() - started)}`);
    await sleep(REST_SECONDS * 1000);
    const memory = await memoryAtRest(name);
    for (const [node, mebibytes] of memory) console.log(`  ${node.padEnd(44)} ${mebibytes.toFixed(0).padStart(5)} MiB`);
    console.log(
      `  ${"together".padEnd(44)} ${memory
        .reduce((sum, [, one]) => sum + one, 0)
        .toFixed(0)
        .padStart(5)} MiB`,
    );
  } finally {
    ballast(["down", folder, "--delete-data", "--confirm", name], "ignore");
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const example of EXAMPLES) await measure(example);
