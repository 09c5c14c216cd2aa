import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import type { NodeId, StackNode } from "../../../domain/stack/node.ts";
import { credentialOf } from "../container/credentials.ts";
import { FOLLOWER } from "../kinds/replica.ts";
import { networkAlias } from "../observe/labels.ts";
import { POSTGRES_PORT } from "../postgres/servers.ts";
import { type RenderContext, usersOf } from "./context.ts";
import { commonSql, databaseSql, replicationSql, SUPERUSER_SESSION } from "./prepare-sql.ts";
import { ownConfig, ownSecret, secretFile } from "./secret-file.ts";
import { hardenedService, type Mounts, type Part, type ProjectFile, projectName } from "./service.ts";

export function prepareName(server: NodeId): string {
  return `${projectName(server)}-prepare`;
}

const PREPARING = { memoryMiB: 128, cpuShares: 256, pidsLimit: 32, tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,size=8m" } };
const SQL = "/etc/ballast/prepare.sql";
const PGPASS = "/run/secrets/pgpass";

/** Makes roles and empty databases once a server answers, and ends. Twice is once. */
export async function prepare(node: StackNode<"postgres">, context: RenderContext): Promise<Part> {
  const secrets: ProjectFile[] = [];
  const statements: string[] = [...SUPERUSER_SESSION];
  async function add(
    user: Parameters<typeof secretFile>[0],
    purpose: Parameters<typeof secretFile>[2],
    sql: (file: string) => readonly string[],
  ) {
    const file = await secretFile(user, context, purpose);
    secrets.push(file);
    statements.push(...sql(inside(file)));
  }
  for (const one of usersOf(context, "pooler", node.id)) await add(one, "pooler-password", commonSql);
  for (const one of usersOf(context, "replica", node.id)) await add(one, "replication-password", replicationSql);
  for (const one of usersOf(context, "database", node.id)) await add(one, "role-password", (file) => databaseSql(one.spec, file));
  const script = ownConfig(node, "prepare.sql", `${statements.join("\n")}\n`);
  const pgpass = await superuserPgpass(node, context);
  const mounts: Mounts = { [SQL]: script, [PGPASS]: pgpass, ...Object.fromEntries(secrets.map((file) => [inside(file), file])) };
  const service = hardenedService({
    id: `${node.id}-prepare`,
    image: node.spec.image,
    shape: { ...PREPARING, command: psql(node.id, ["-f", SQL]) },
    mounts,
  });
  const depends = { [projectName(node.id)]: { condition: "service_healthy" } };
  return {
    name: prepareName(node.id),
    service: { ...service, entrypoint: ["psql"], environment: { PGPASSFILE: PGPASS }, restart: "no", depends_on: depends },
    files: [script, pgpass, ...secrets],
  };
}

/** Lets commits wait for the server that follows, once it does. */
export async function agree(node: StackNode<"replica">, context: RenderContext, primary: StackNode<"postgres">): Promise<Part | undefined> {
  if (node.spec.mode !== "synchronous") return undefined;
  const pgpass = await superuserPgpass(primary, context);
  const words = SERVER_SQL.waitForFollowers(`FIRST 1 (${FOLLOWER})`).flatMap(({ text }) => ["-c", text]);
  const shape = { ...PREPARING, command: psql(primary.id, words) };
  const service = hardenedService({ id: `${node.id}-agree`, image: primary.spec.image, shape, mounts: { [PGPASS]: pgpass } });
  const depends = { [projectName(node.id)]: { condition: "service_healthy" } };
  return {
    name: `${projectName(node.id)}-agree`,
    service: { ...service, entrypoint: ["psql"], environment: { PGPASSFILE: PGPASS }, restart: "no", depends_on: depends },
    files: [pgpass],
  };
}

function psql(server: NodeId, words: readonly string[]): readonly string[] {
  const at = [`--host=${networkAlias(server)}`, `--port=${POSTGRES_PORT}`, "--username=postgres", "--dbname=postgres"];
  return [...at, "--no-password", "--quiet", "--set=ON_ERROR_STOP=1", ...words];
}

async function superuserPgpass(node: StackNode<"postgres">, context: RenderContext): Promise<ProjectFile> {
  const password = await credentialOf(node, context, "superuser-password");
  return ownSecret(node, "pgpass", `*:*:*:postgres:${password}\n`, "`*:*:*:postgres:` and the superuser password, on one line");
}

function inside({ path }: ProjectFile): string {
  return `/run/${path}`;
}
