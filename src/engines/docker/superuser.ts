import { randomBytes } from "node:crypto";
import { scramVerifier } from "../../adapters/postgres/scram.ts";
import { quoteText } from "../../adapters/postgres/session.ts";
import type { NodeId } from "../../domain/stack/node.ts";
import { runInside } from "./inside.ts";
import type { Scope } from "./scope.ts";

/** Gives a server's superuser a password from inside its container, where none is asked for: also where the one before is not known any more. */
export async function tellPassword(scope: Scope, server: NodeId, password: string): Promise<void> {
  const statement = `ALTER ROLE postgres PASSWORD ${quoteText(scramVerifier(password, randomBytes(16)))};\n`;
  const psql = [
    "psql",
    "--no-psqlrc",
    "--quiet",
    "--set=ON_ERROR_STOP=1",
    "--host=/run/postgresql",
    "--username=postgres",
    "--dbname=postgres",
  ];
  await runInside(scope, server, psql, `SET synchronous_commit TO local;\n${statement}`);
}
