/** Runs everything that says whether this clone is sound: `./ballast test`. What the machine lacks is installed first, before any server starts. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { thisMachine } from "../src/app/machine/machine.ts";

const ROOT = join(import.meta.dirname, "..");
const GIB = 1024 ** 3;
const SUITES = ["unit", "integration", "e2e"] as const;

function run(command: string, args: readonly string[]): boolean {
  return spawnSync(process.execPath, [join(ROOT, "node_modules", ".bin", command), ...args], { cwd: ROOT, stdio: "inherit" }).status === 0;
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

function runSuite(suite: string, reports: string): Counts {
  const report = join(reports, `${suite}.json`);
  const ended = run("vitest", ["run", "--project", suite, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`]);
  try {
    const found = JSON.parse(readFileSync(report, "utf8")) as {
      numPassedTests: number;
      numFailedTests: number;
      numPendingTests: number;
      numFailedTestSuites: number;
    };
    // A file that could not even be loaded has no failed test in it: it counts as one.
    const failed = found.numFailedTests === 0 && !ended ? 1 : found.numFailedTests;
    return { passed: found.numPassedTests, failed, skipped: found.numPendingTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** Installs a Docker Engine and the tools that make images, where there are none: the tests need the real thing. */
async function prepareMachine(): Promise<boolean> {
  const machine = thisMachine(process.env, ROOT, join(ROOT, "src/cli/main.ts"));
  const needs = { images: "packages", memoryBytes: 4 * GIB, diskBytes: 12 * GIB } as const;
  const amiss = (await machine.examine(needs)).filter((finding) => finding.state !== "ok");
  if (amiss.length === 0) return true;
  for (const finding of amiss) console.log(`${finding.id}: ${finding.text}${finding.remedy === undefined ? "" : `  (${finding.remedy})`}`);
  if (!amiss.every((finding) => finding.installable)) return false;
  await machine.install(
    amiss.map((finding) => finding.id),
    (line) => console.log(`  ${line}`),
  );
  return (await machine.examine(needs)).every((finding) => finding.state === "ok");
}

const wanted = process.argv.slice(2);
const suites = SUITES.filter((suite) => wanted.length === 0 || wanted.includes(suite));
if (wanted.some((name) => !(SUITES as readonly string[]).includes(name))) {
  console.error(`unknown suite; one of: ${SUITES.join(", ")}`);
  process.exit(2);
}
const ready = suites.includes("e2e") ? await prepareMachine() : true;
const checked = spawnSync(process.execPath, [join(ROOT, "tools", "check.ts")], { cwd: ROOT, stdio: "inherit" }).status === 0;
const audited = spawnSync(process.execPath, [join(ROOT, "tools", "audit.ts")], { cwd: ROOT, stdio: "inherit" }).status === 0;
const reports = mkdtempSync(join(tmpdir(), "ballast-test-"));
const sound = [checked, audited];
const total = { passed: sound.filter(Boolean).length, failed: sound.filter((one) => !one).length, skipped: 0 };
for (const suite of suites) {
  if (suite === "e2e" && !ready) {
    console.error("the end-to-end tests were not run: this machine lacks what is said above");
    total.failed += 1;
    continue;
  }
  console.log(`\n${suite}`);
  const counts = runSuite(suite, reports);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped === 0 ? "" : `, ${total.skipped} skipped`}`);
process.exit(total.failed === 0 ? 0 : 1);
