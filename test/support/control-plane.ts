import { readFileSync } from "node:fs";
import pg from "pg";
import { startEmbedded } from "../../src/adapters/store/embedded.ts";
import type { Installation } from "../../src/app/installation/installation.ts";
import { until } from "./docker-bench.ts";

/** The process that serves an installation now. */
export function processOf({ serverFile }: Installation): number {
  return (JSON.parse(readFileSync(serverFile, "utf8")) as { pid: number }).pid;
}

/** Ends the control plane as a machine does that goes down: nobody is told to stop anything else. */
export async function endControlPlane(installation: Installation): Promise<void> {
  const pid = processOf(installation);
  process.kill(pid, "SIGTERM");
  await until(`the end of process ${pid}`, 60, async () => (isAlive(pid) ? undefined : true));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Asks an installation's store, also while nothing serves it. */
export async function inStore<T extends pg.QueryResultRow>(
  { postgres }: Installation,
  serving: boolean,
  sql: string,
): Promise<readonly T[]> {
  const server = serving ? undefined : await startEmbedded(postgres);
  const client = new pg.Client({ host: postgres, user: "ballast", database: "postgres" });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
    await server?.stop();
  }
}
