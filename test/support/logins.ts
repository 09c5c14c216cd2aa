import pg from "pg";
import type { FleetInsides } from "./fleet-insides.ts";

/** Tries credentials at the servers of a fleet. */
export function loginsOf(insides: FleetInsides) {
  /** Whether a login is let in, with the server's own code where it is not. */
  async function letIn(server: string, user: string, password: string, database = "postgres"): Promise<string> {
    const client = new pg.Client({
      host: await insides.address(server),
      port: server.endsWith("pooler") ? 6432 : 5432,
      user,
      password,
      database,
    });
    client.on("error", () => undefined);
    try {
      await client.connect();
      return "in";
    } catch (error) {
      return (error as { code?: string }).code ?? "refused";
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async function whoCalls(environment: string, key: string): Promise<number> {
    const response = await fetch(`${await insides.odooUrl(environment)}/json/2/res.partner/search_count`, {
      method: "POST",
      headers: { authorization: `bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ domain: [] }),
    });
    return response.status;
  }
  return { letIn, whoCalls };
}
