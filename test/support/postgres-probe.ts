import pg from "pg";

/** What a server says to somebody who comes with this name and password. */
export async function connectAs(user: string, database: string, password: string, host: string): Promise<string> {
  const client = new pg.Client({ host, user, password, database, connectionTimeoutMillis: 5000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return "connected";
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Every row of every table of the control plane's store, workflow state included, as text. */
export async function storeDump(folder: string): Promise<string> {
  const client = new pg.Client({ host: folder, user: "ballast", database: "postgres" });
  client.on("error", () => undefined);
  await client.connect();
  const tables = await client.query<{ name: string }>(
    "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'dbos')",
  );
  let text = "";
  for (const { name } of tables.rows) {
    const rows = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
    text += rows.rows.map((row) => row.row).join("\n");
  }
  await client.end();
  return text;
}
