import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import type { NodeId } from "../../../domain/stack/node.ts";
import type { WritePosition } from "../../../domain/stack/write-position.ts";
import { lookAtContainers } from "../container/containers.ts";
import type { Scope } from "../scope.ts";
import { openServer } from "./servers.ts";

const STATEMENT_SECONDS = 5;

/** How far each first server has written that runs and answers now; one that does not is left out. */
export async function writePositions(scope: Scope): Promise<readonly WritePosition[]> {
  const { nodes } = await lookAtContainers(scope, undefined);
  const servers = nodes.filter(({ declared, condition }) => declared.kind === "postgres" && condition === "serving");
  const found = await Promise.all(servers.map(({ declared }) => positionOf(scope, declared.id).catch(() => undefined)));
  return found.filter((one) => one !== undefined);
}

async function positionOf(scope: Scope, server: NodeId): Promise<WritePosition | undefined> {
  const session = await openServer(scope, server, STATEMENT_SECONDS);
  try {
    const [row] = await session.run(SERVER_SQL.position());
    return row === undefined ? undefined : { server, ...row };
  } finally {
    await session.end();
  }
}
