/** Runs every static check of the project, all of them even when one fails, and ends with one verdict. `npm run check`. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

const BIN = join(import.meta.dirname, "..", "node_modules", ".bin");
/** The tools run on the Node that runs this, whatever the machine's own is. */
const ENV = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}` };

interface Check {
  readonly name: string;
  run(): string | undefined;
}

function command(name: string, args: readonly string[]): string | undefined {
  const done = spawnSync(join(BIN, name), args, { encoding: "utf8", maxBuffer: 1 << 26, env: ENV });
  return done.status === 0 ? undefined : `${done.stdout}${done.stderr}${done.error?.message ?? ""}`;
}

function sourceCount(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => /[.]tsx?$/.test(file)).length;
}

/** Fails also when fewer modules were read than there are: without a TypeScript parser the tool reads none and says all is well. */
function architecture(): string | undefined {
  const folders = ["src", "console"].filter((folder) => existsSync(folder));
  const done = spawnSync(join(BIN, "depcruise"), ["--config", ".dependency-cruiser.js", "--output-type", "json", ...folders], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: ENV,
  });
  if (done.error || !done.stdout) return `${done.stderr}${done.error?.message ?? ""}`;
  const { summary, modules } = JSON.parse(done.stdout) as {
    summary: { totalCruised: number; violations: { from: string; to: string; rule: { name: string } }[] };
    modules: { source: string }[];
  };
  const own = modules.filter((module) => /^(src|console)\/.*[.]tsx?$/.test(module.source)).length;
  const expected = folders.reduce((sum, folder) => sum + sourceCount(folder), 0);
  if (own < expected) return `only ${own} of ${expected} source files were read (${summary.totalCruised} modules in all)`;
  if (summary.violations.length === 0) return undefined;
  return summary.violations.map((violation) => `${violation.rule.name}: ${violation.from} → ${violation.to}`).join("\n");
}

const CHECKS: readonly Check[] = [
  // What was checked is remembered: a second run reads what changed since, a sixth of the work.
  {
    name: "types",
    run: () => command("tsc", ["--noEmit", "--incremental", "--tsBuildInfoFile", join(BIN, "..", ".cache", "types.tsbuildinfo")]),
  },
  { name: "lint", run: () => command("oxlint", ["--type-aware", "--deny-warnings"]) },
  { name: "format", run: () => command("biome", ["check", "--error-on-warnings", "."]) },
  { name: "architecture", run: architecture },
  { name: "dead code", run: () => command("knip", ["--no-progress"]) },
];

let failures = 0;
for (const check of CHECKS) {
  const started = performance.now();
  const trouble = check.run();
  if (trouble !== undefined) failures += 1;
  console.log(`${trouble === undefined ? "✔" : "✘"} ${check.name}  ${((performance.now() - started) / 1000).toFixed(1)} s`);
  if (trouble !== undefined) console.log(trouble);
}
process.exitCode = failures === 0 ? 0 : 1;
