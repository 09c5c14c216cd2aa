import type { ServerStatement } from "./server-statement.ts";
import { type SqlSession, type SqlTarget, SUPERUSER, SUPERUSER_DATABASE } from "./session.ts";

/** A session of a server's superuser, in the database where nobody else has objects. It runs what stands in the list of `superuser-sql.ts`, and nothing else. */
export interface ServerSession {
  readonly pid?: number | undefined;
  run<Row extends object>(statement: ServerStatement<Row>): Promise<readonly Row[]>;
  end(): Promise<void>;
}

export interface ServerTarget {
  readonly host: string;
  readonly port: number;
  readonly password: string;
}

export type OpenSession = (target: SqlTarget, statementSeconds?: number) => Promise<SqlSession>;

/**
 * Opens it. Names are looked up in the catalog alone, and a commit waits for no replica: what Ballast makes can be made again, so it must not wait
 * for one that is away.
 */
export async function openServerSession(open: OpenSession, target: ServerTarget, statementSeconds?: number): Promise<ServerSession> {
  const settings = { search_path: "pg_catalog,pg_temp", synchronous_commit: "local", lock_timeout: "10s" };
  const session = await open({ ...target, user: SUPERUSER, database: SUPERUSER_DATABASE, settings }, statementSeconds);
  return {
    pid: session.pid,
    run: async <Row extends object>({ text, values }: ServerStatement<Row>) => await session.query<Row>(text, values),
    end: () => session.end(),
  };
}
