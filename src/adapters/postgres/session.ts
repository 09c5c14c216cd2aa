import pg from "pg";

/** A connection to a PostgreSQL server that Ballast runs for others, as a role without privileges. */
export interface SqlSession {
  /** The number of its process on the server; missing where that is not told. */
  readonly pid?: number | undefined;
  query<T extends object = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<readonly T[]>;
  end(): Promise<void>;
}

export interface SqlTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** What a session begins with, whatever its role or database is set to. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The superuser of every server that Ballast makes, and the only database in which it may have a session. */
export const SUPERUSER = "postgres";
export const SUPERUSER_DATABASE = "postgres";
/** What a server may send in one session: an answer is a few rows, and a tenant's trigger may raise notices without end. */
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * Connects within five seconds or fails; no statement runs longer than `statementSeconds`, also where the server is talked into more.
 * A superuser is let into no database in which a tenant's objects could be: what they planted there would run with its rights.
 */
export async function openSession(target: SqlTarget, statementSeconds = 120): Promise<SqlSession> {
  const { settings, ...place } = target;
  if (place.user === SUPERUSER && place.database !== SUPERUSER_DATABASE)
    throw new Error(`a session of the superuser may not be opened in database ${place.database}`);
  const client = new pg.Client({
    ...place,
    application_name: "ballast",
    connectionTimeoutMillis: 5000,
    statement_timeout: statementSeconds * 1000,
    query_timeout: statementSeconds * 1000 + 5000,
    ...(settings === undefined ? {} : { options: optionsOf(settings) }),
  });
  // A server that goes away between two statements is reported by the next statement.
  client.on("error", () => undefined);
  limitBytes(client);
  await client.connect();
  return {
    pid: (client as unknown as { processID: number | null }).processID ?? undefined,
    async query<T extends object>(text: string, values: readonly unknown[] = []) {
      const result: pg.QueryResult<T> | readonly pg.QueryResult<T>[] =
        values.length === 0 ? await client.query<T>(text) : await client.query<T>(text, [...values]);
      // Several statements in one text have an answer each.
      return Array.isArray(result) ? (result.at(-1)?.rows ?? []) : (result as pg.QueryResult<T>).rows;
    },
    end: () => client.end(),
  };
}

/** As the start of a session takes them; a blank or a backslash in a value is escaped. */
function optionsOf(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replaceAll(/[\\ ]/g, (one) => `\\${one}`)}`)
    .join(" ");
}

function limitBytes(client: pg.Client): void {
  const { stream } = (client as unknown as { connection: { stream: NodeJS.ReadableStream & { destroy(error: Error): void } } }).connection;
  let bytes = 0;
  stream.on("data", (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > MOST_BYTES) stream.destroy(new Error(`the server sent more than ${MOST_BYTES} bytes`));
  });
}

/** Quotes a name for use in a statement that takes no parameters. */
export function quoteName(name: string): string {
  return pg.escapeIdentifier(name);
}

/** Quotes a text for use in a statement that takes no parameters. */
export function quoteText(text: string): string {
  return pg.escapeLiteral(text);
}
