import pg from "pg";

const LEADER_LOCK = 7_300_000;

export interface Leadership {
  /** Resolves when the connection that holds the lock ends: the process must then stop at once, since another may lead. */
  readonly lost: Promise<void>;
  release(): Promise<void>;
}

/**
 * Waits until this process alone leads, by an advisory lock on a connection of its own (the lock dies with the process).
 * Undefined when another leads and `signal` or the time ends the wait.
 */
export async function takeLeadership(connectionString: string, waitSeconds: number): Promise<Leadership | undefined> {
  const client = new pg.Client({ connectionString, application_name: "ballast-leader", keepAlive: true });
  await client.connect();
  let lose: () => void = () => undefined;
  const lost = new Promise<void>((resolve) => {
    lose = resolve;
  });
  client.on("error", () => lose());
  client.on("end", () => lose());
  for (let waited = 0; ; waited += 0.25) {
    const { rows } = await client.query<{ got: boolean }>("SELECT pg_try_advisory_lock($1) AS got", [LEADER_LOCK]);
    if (rows[0]?.got) return { lost, release: () => client.end() };
    if (waited >= waitSeconds) break;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  await client.end();
  return undefined;
}
