import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { startEmbedded } from "../../src/adapters/store/embedded.ts";

/** A PostgreSQL server for one test file, and as many empty databases on it as wanted. */
export interface TestServer {
  database(name: string): Promise<string>;
  readonly folder: string;
  stop(): Promise<void>;
}

/** @param settings go over those of the store. */
export async function testServer(settings: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "ballast-pg-"));
  // The server runs as another user than root and must be able to enter.
  chmodSync(folder, 0o711);
  const server = await startEmbedded(join(folder, "server"), { max_connections: "120", ...settings });
  return {
    folder,
    async database(name) {
      const client = new pg.Client({ connectionString: server.connectionString });
      await client.connect();
      await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
      await client.end();
      return server.connectionString.replace("/postgres?", `/${name}?`);
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
