import pg from "pg";

/** A connection to a PostgreSQL server that Ballast runs for others, as its superuser. */
export interface SqlSession {
  query<T extends object = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<readonly T[]>;
  end(): Promise<void>;
}

export interface SqlTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** Connects within five seconds or fails; no statement runs longer than `statementSeconds`. */
export async function openSession(target: SqlTarget, statementSeconds = 120): Promise<SqlSession> {
  const client = new pg.Client({
    ...target,
    application_name: "ballast",
    connectionTimeoutMillis: 5000,
    statement_timeout: statementSeconds * 1000,
  });
  // A server that goes away between two statements is reported by the next statement.
  client.on("error", () => undefined);
  await client.connect();
  return {
    async query<T extends object>(text: string, values: readonly unknown[] = []) {
      const result = values.length === 0 ? await client.query<T>(text) : await client.query<T>(text, [...values]);
      return result.rows;
    },
    end: () => client.end(),
  };
}

/** Quotes a name for use in a statement that takes no parameters. */
export function quoteName(name: string): string {
  return pg.escapeIdentifier(name);
}

/** Quotes a text for use in a statement that takes no parameters. */
export function quoteText(text: string): string {
  return pg.escapeLiteral(text);
}
