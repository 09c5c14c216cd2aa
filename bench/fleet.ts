import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installationOf, readSurroundings } from "../src/app/installation/installation.ts";

const ROOT = join(import.meta.dirname, "..");
/** As a user of a clone starts it. */
export const BALLAST = join(ROOT, "ballast");

/** A fleet that one measurement owns: brought up by the command line as a user would, and removed with everything it made. */
export interface BenchFleet {
  readonly name: string;
  readonly folder: string;
  readonly state: string;
  /** Where its secrets lie while it runs. */
  readonly volatile: string;
  readonly port: number;
  readonly ca: string;
  declare(tenants: readonly string[]): void;
  ballast(args: readonly string[]): { readonly status: number | null; readonly stdout: string };
  serverPid(): number;
  remove(): void;
}

export function ballast(
  args: readonly string[],
  stdio: "inherit" | "ignore" = "inherit",
): { readonly status: number | null; readonly stdout: string } {
  const done = spawnSync(BALLAST, args, { encoding: "utf8", stdio: ["ignore", "pipe", stdio], timeout: 1_800_000 });
  return { status: done.status, stdout: done.stdout };
}

function fleetText(name: string, tenants: readonly string[]): string {
  const hello = readFileSync(join(ROOT, "examples", "hello", "fleet.yaml"), "utf8").replace("name: hello", `name: ${name}`);
  const documents = hello.split("\n---\n");
  const tenant = documents.find((text) => text.includes("kind: Tenant")) as string;
  const others = documents.filter((text) => text !== tenant);
  return [...others, ...tenants.map((one) => tenant.replace("name: acme", `name: ${one}`))].join("\n---\n");
}

export function benchFleet(): BenchFleet {
  const name = `bench-${randomBytes(2).toString("hex")}`;
  const folder = mkdtempSync(join(tmpdir(), "ballast-bench-"));
  const declare = (tenants: readonly string[]) => writeFileSync(join(folder, "fleet.yaml"), fleetText(name, tenants));
  declare(["first"]);
  const up = ballast(["up", folder, "--yes", "--plain"]);
  if (up.status !== 0) throw new Error(`the fleet did not come up: ${up.stdout}`);
  const { root: state, volatile } = installationOf(readSurroundings(process.env), name);
  const url = new URL(readFileSync(join(state, "credentials"), "utf8").match(/https:\S+/)?.[0] as string);
  return {
    name,
    folder,
    state,
    volatile,
    port: Number(url.port),
    ca: readFileSync(join(state, "ca.pem"), "utf8"),
    declare,
    ballast: (args) => ballast(args, "ignore"),
    serverPid: () => (JSON.parse(readFileSync(join(state, "server.json"), "utf8")) as { pid: number }).pid,
    remove() {
      ballast(["down", folder, "--delete-data", "--confirm", name]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The middle one of an odd number of figures. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
