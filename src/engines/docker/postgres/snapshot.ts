import { statfs } from "node:fs/promises";
import { COPY_SETTINGS } from "../../../adapters/postgres/own-copy.ts";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { type ChosenSource, chooseSource, type DataSource } from "../../../domain/stack/data-source.ts";
import { type NodeId, nameOf, type StackNode, stackOf } from "../../../domain/stack/node.ts";
import { failure, ProblemError } from "../../../kernel/problem.ts";
import type { ApplyContext } from "../../engine.ts";
import { materialised } from "../container/files.ts";
import { runJob } from "../container/job.ts";
import { writeJobFile } from "../container/job-files.ts";
import { declaredOf } from "../observe/labels.ts";
import { imageOf, ownVolume } from "../observe/own-objects.ts";
import type { Scope } from "../scope.ts";
import { databasesOf, isOf, openInside, POSTGRES_PORT, serverOf, sizeOf } from "./servers.ts";

type Node = StackNode<"database">;

/** What was found of a snapshot's source, and what was decided. */
export interface SnapshotPlan {
  readonly chosen: ChosenSource;
  readonly database: string;
  readonly role: string;
  /** The secret by which the source's own role logs in. */
  readonly secret: NodeId;
}

const SNAPSHOT_SECONDS = 1100;
/** What no copy needs: sessions of people, and what was told to browsers that are open. */
const LEFT_OUT = ["ballast_session", "bus_bus"];
/** Only these need no superuser; what stands on another extension cannot be restored, and is said. */
const EXTENSIONS = ["pg_trgm", "unaccent"];

/** Decides where the data of a database that is made come from; undefined where nothing but the template is declared. */
export async function chooseDataSource(
  scope: Scope,
  server: ServerSession,
  { node, context }: { readonly node: Node; readonly context: ApplyContext },
): Promise<SnapshotPlan | undefined> {
  const { source } = node.spec;
  if (source === undefined) return undefined;
  const found = (await databasesOf(server)).find((one) => isOf(scope, one.labels, source.of));
  const declared = found === undefined ? undefined : declaredOf(found.labels)?.declared;
  const secret = declared?.uses.find((edge) => edge.as === "credential" && nameOf(edge.to) === "role-password")?.to;
  if (found === undefined || declared?.kind !== "database" || secret === undefined)
    throw noSnapshot(node, source, "it is not on the server");
  const freeBytes = await freeBytesOf(scope, node, context);
  const bytes = await sizeOf(server, found.database);
  const chosen = chooseSource(source, { bytes, ...(freeBytes === undefined ? {} : { freeBytes }) });
  return { chosen, database: found.database, role: (declared.spec as Node["spec"]).role, secret };
}

/** What is free where the server keeps its data; undefined where that cannot be known from here. */
async function freeBytesOf(scope: Scope, node: Node, context: ApplyContext): Promise<number | undefined> {
  const data = context.find(serverOf(node))?.uses.find((edge) => edge.as === "mount");
  if (data === undefined) return undefined;
  const volume = await ownVolume(scope, data.to);
  if (volume === undefined) return undefined;
  return await statfs(volume.Mountpoint).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined,
  );
}

/** What is there and not the tenant's to read, such as a table that an operator made: named, so that the rest can be dumped. */
const FOREIGN = `SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT pg_catalog.has_table_privilege(c.oid, 'SELECT') ORDER BY 1 LIMIT 200`;

async function foreignTables(scope: Scope, { node, plan }: SnapshotWork, password: string): Promise<readonly string[]> {
  const insider = { database: plan.database, role: plan.role, password, settings: COPY_SETTINGS.reading, seconds: 20 };
  const inside = await openInside(scope, { server: serverOf(node), at: node.id }, insider);
  try {
    return (await inside.query<{ name: string }>(FOREIGN)).map(({ name }) => name);
  } finally {
    await inside.end();
  }
}

export interface SnapshotWork {
  readonly node: Node;
  readonly context: ApplyContext;
  readonly plan: SnapshotPlan;
  readonly into: { readonly database: string; readonly role: string; readonly password: string };
}

/**
 * Reads the source as its own role and restores it as the role of the copy, in a container that has both passwords and nothing else. One more session
 * reads the living database for some seconds; none of those that are there ends. Attachments lie in files and are not part of it.
 */
export async function fillFromSnapshot(scope: Scope, work: SnapshotWork): Promise<void> {
  const { node, context, plan, into } = work;
  const server = serverOf(node);
  const password = await materialised(scope, plan.secret);
  const foreign = await foreignTables(scope, work, password);
  if (foreign.length > 0) context.progress(`tables that are not the tenant's to read are left out: ${foreign.length}`);
  const at = [`--host=${nameOf(server)}`, `--port=${POSTGRES_PORT}`, "--no-password"];
  const dump = [
    "--format=custom",
    "--compress=0",
    "--no-owner",
    "--no-privileges",
    "--no-comments",
    "--no-publications",
    "--no-subscriptions",
    "--no-security-labels",
    "--lock-wait-timeout=15s",
    ...LEFT_OUT.map((table) => `--exclude-table-data=public.${table}`),
    ...foreign.map((table) => `--exclude-table=${table}`),
    ...EXTENSIONS.map((extension) => `--extension=${extension}`),
    `--username=${plan.role}`,
    `--dbname=${plan.database}`,
  ];
  const restore = [
    "--no-owner",
    "--no-privileges",
    "--no-comments",
    "--exit-on-error",
    `--username=${into.role}`,
    `--dbname=${into.database}`,
  ];
  const script = `set -o pipefail; n=$1; shift; pg_dump "\${@:1:n}" | pg_restore "\${@:n+1}"`;
  const words = [...at, ...dump];
  const imageId = await imageOf(scope, server);
  const content = `*:*:*:${plan.role}:${password}\n*:*:*:${into.role}:${into.password}\n`;
  const file = await writeJobFile(scope, node.id, { name: "pgpass", content });
  try {
    await runJob(scope, {
      node: node.id,
      name: "snapshot",
      stack: stackOf(server),
      imageId,
      entrypoint: ["bash"],
      command: ["-c", script, "snapshot", String(words.length), ...words, ...at, ...restore],
      environment: { PGPASSFILE: "/run/secrets/pgpass", PGOPTIONS: "-c synchronous_commit=off" },
      files: { [file]: "/run/secrets/pgpass" },
      volumes: {},
      memoryMiB: 512,
      seconds: SNAPSHOT_SECONDS,
      signal: context.signal,
    });
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problems[0]?.code !== "BAL-E007") throw error;
    throw noSnapshot(node, { of: plan.database }, error.problems[0].message, error);
  }
}

function noSnapshot(node: Node, source: Pick<DataSource, "of">, because: string, cause?: unknown): ProblemError {
  return failure("BAL-E022", node.id, `no snapshot of ${source.of} could be taken: ${because}`, {
    hint: "nothing of the living database was touched; look there for what cannot be read or restored",
    ...(cause === undefined ? {} : { cause }),
  });
}
