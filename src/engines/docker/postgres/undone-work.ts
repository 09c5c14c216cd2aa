import { SKIPPED_AFTER_SECONDS, type UndoneWork } from "../../../domain/health/work.ts";
import type { AnyNode, Stack, StackNode } from "../../../domain/stack/node.ts";
import { nameOf } from "../../../domain/stack/node.ts";
import { addressOf } from "../container/containers.ts";
import { materialised } from "../container/files.ts";
import { ownContainer } from "../observe/own-objects.ts";
import type { Scope } from "../scope.ts";
import { POSTGRES_PORT, serverOf } from "./servers.ts";

const STATEMENT_SECONDS = 5;

/** Modules whose state says that something is to be done with them: `ir_module_module.state`, in every series. */
const PENDING = `SELECT count(*)::int AS count, (array_agg(left(name::text, 60) ORDER BY name))[1:3] AS names
  FROM public.ir_module_module WHERE state IN ('to install', 'to upgrade', 'to remove')`;

/**
 * Scheduled actions that should have begun long ago and that nobody works on: Odoo locks the row of an action for as long as it runs.
 * Times in `ir_cron` are in UTC, without a zone.
 */
const SKIPPED = `SELECT extract(epoch FROM (now() AT TIME ZONE 'UTC') - nextcall)::float8 AS late
  FROM public.ir_cron WHERE active AND nextcall < (now() AT TIME ZONE 'UTC') - make_interval(secs => ${SKIPPED_AFTER_SECONDS})
  ORDER BY nextcall LIMIT 50 FOR SHARE SKIP LOCKED`;

/**
 * Reads from the database of an environment what Odoo leaves undone, as its own role: what stands there is its tenant's to choose, and concerns nobody else.
 * Undefined where the stack has no database or no process that runs scheduled actions.
 */
export async function undoneWorkOf(scope: Scope, stack: Stack): Promise<UndoneWork | undefined> {
  const database = stack.nodes.find((node): node is StackNode<"database"> => node.kind === "database");
  const acting = stack.nodes.filter((node) => node.kind === "odoo" && node.spec.roles.includes("cron"));
  if (database === undefined || acting.length === 0) return undefined;
  const host = await addressOf(scope, serverOf(database));
  const secret = database.uses.find((edge) => edge.as === "credential" && nameOf(edge.to) === "role-password");
  if (host === undefined || secret === undefined) return undefined;
  const password = await materialised(scope, secret.to);
  const { name, role } = database.spec;
  const session = await scope.sql(
    {
      host,
      port: POSTGRES_PORT,
      user: role,
      password,
      database: name,
      settings: { search_path: "pg_catalog,pg_temp", lock_timeout: "2s" },
    },
    STATEMENT_SECONDS,
  );
  try {
    const [modules] = await session.query<{ count: number; names: string[] | null }>(PENDING);
    const skipped = await session.query<{ late: number }>(SKIPPED);
    return {
      at: scope.now(),
      modules: { count: modules?.count ?? 0, names: modules?.names ?? [] },
      actions: {
        overdue: skipped.length,
        oldestSeconds: Math.max(0, ...skipped.map((one) => one.late)),
        runningSeconds: skipped.length === 0 ? 0 : await runningSeconds(scope, acting),
      },
    };
  } finally {
    await session.end();
  }
}

/** For how long the one that began first runs. */
async function runningSeconds(scope: Scope, nodes: readonly Pick<AnyNode, "id">[]): Promise<number> {
  const found = await Promise.all(nodes.map((node) => ownContainer(scope, node.id)));
  const began = found.flatMap((one) => (one?.State.Running === true ? [Date.parse(one.State.StartedAt)] : []));
  return Math.max(0, ...began.map((at) => (scope.now() - at) / 1000));
}
