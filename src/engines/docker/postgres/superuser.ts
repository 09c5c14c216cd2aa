import { randomBytes } from "node:crypto";
import { scramVerifier } from "../../../adapters/postgres/scram.ts";
import { SUPERUSER, SUPERUSER_DATABASE } from "../../../adapters/postgres/session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import type { NodeId } from "../../../domain/stack/node.ts";
import { runInside } from "../container/run-inside.ts";
import type { Scope } from "../scope.ts";

/** Gives a server's superuser a password from inside its container, where none is asked for: also where the one before is not known any more. */
export async function setPassword(scope: Scope, server: NodeId, password: string): Promise<void> {
  const { text } = SERVER_SQL.superuserPassword(scramVerifier(password, randomBytes(16)));
  const psql = [
    "psql",
    "--no-psqlrc",
    "--quiet",
    "--set=ON_ERROR_STOP=1",
    "--host=/run/postgresql",
    `--username=${SUPERUSER}`,
    `--dbname=${SUPERUSER_DATABASE}`,
  ];
  await runInside(scope, server, psql, `SET search_path TO pg_catalog, pg_temp;\nSET synchronous_commit TO local;\n${text};\n`);
}
