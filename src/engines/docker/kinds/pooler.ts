import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { LOOKUP_ROLE } from "../../../adapters/postgres/superuser-sql.ts";
import { type StackNode, stackOf } from "../../../domain/stack/node.ts";
import { addressOf, removeContainer, runContainer } from "../container/containers.ts";
import { credentialOf } from "../container/credentials.ts";
import { configFolderOf, removeConfig, replaceFile } from "../container/files.ts";
import { waitUntilReady } from "../container/ready.ts";
import type { ContainerShape } from "../container/wanted-container.ts";
import { rejoin } from "../network/attach-servers.ts";
import { limitSources } from "../network/limit-sources.ts";
import { homeName } from "../observe/labels.ts";
import { boundaryName } from "../observe/own-objects.ts";
import { allowLookup } from "../postgres/pooler-lookup.ts";
import { POOLER_PORT } from "../postgres/pooler-restart.ts";
import { POSTGRES_PORT, serverOf } from "../postgres/servers.ts";
import type { DockerKind } from "./kind.ts";

type Node = StackNode<"pooler">;

const LOGIN_SECONDS = 10;
/** How long what was sent may stay without an answer of the other's kernel. */
const SILENCE_MS = 30_000;

/**
 * Waits for an answer of the pooler's own, since the kernel takes connections for a process that hangs: an SSLRequest (80877103, PostgreSQL's protocol 55.2.11)
 * is answered by one letter, whatever it is. The image holds no client of PostgreSQL.
 */
const ASKS_THE_POOLER = `exec 3<>/dev/tcp/127.0.0.1/${POOLER_PORT} && printf '\\0\\0\\0\\10\\4\\322\\026\\057' >&3 && read -rN1 -t5 -u3`;

export function poolerShape({ spec: { memoryMiB, cpuShares, pidsLimit } }: Node): ContainerShape {
  return {
    command: ["/etc/ballast/pgbouncer.ini"],
    memoryMiB,
    cpuShares,
    cpus: 1,
    pidsLimit,
    tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,size=8m" },
    restart: "on-failure",
    // Transactions end in less; connections that last, such as a bus that listens, never do.
    stopSeconds: 5,
    health: ["bash", "-c", ASKS_THE_POOLER],
  };
}

export const pooler: DockerKind<"pooler"> = {
  async realise(scope, node, { change, context }) {
    const image = await scope.image(node.spec.image, context.progress, context.signal);
    const password = await credentialOf(node, context, "pooler-password");
    const server = serverOf(node);
    await allowLookup(scope, node, password);
    const folder = configFolderOf(scope, node.id);
    await mkdir(folder, { recursive: true, mode: 0o711 });
    await replaceFile(
      join(folder, "pgbouncer.ini"),
      poolerConfig(node, homeName(server, await boundaryName(scope, stackOf(server)))),
      true,
    );
    await replaceFile(join(folder, "users.txt"), `"${LOOKUP_ROLE}" "${password}"\n`, true);
    const did = await runContainer(
      scope,
      {
        node,
        imageId: image.imageId,
        ...poolerShape(node),
        files: { [folder]: "/etc/ballast" },
        tracked: [join(folder, "pgbouncer.ini"), join(folder, "users.txt")],
        volumes: {},
      },
      { change },
    );
    const what = "the first answer to a query through the pooler";
    await waitUntilReady(scope, { node: node.id, seconds: 60, what, signal: context.signal }, async () => {
      const host = await addressOf(scope, node.id);
      if (host === undefined) return "it has no address";
      const target = { host, port: POOLER_PORT, user: LOOKUP_ROLE, password, database: "postgres" };
      await (await scope.sql(target, 10)).end();
      return true;
    });
    // Before anybody else comes in; where it cannot be done, the next look at egress says so.
    await limitSources(scope, node);
    await rejoin(scope, node.id);
    return { did, facts: { imageId: image.imageId } };
  },
  async remove(scope, node) {
    await removeContainer(scope, node.id);
    await removeConfig(scope, node.id);
  },
};

/** Transactions share connections; only the database `postgres` keeps them for a session, for an Odoo that an older version made: its bus listens there. */
export function poolerConfig({ spec }: Node, host: string): string {
  const server = `host=${host} port=${POSTGRES_PORT}`;
  const settings: Readonly<Record<string, string | number>> = {
    listen_addr: "0.0.0.0",
    listen_port: POOLER_PORT,
    auth_type: "scram-sha-256",
    auth_file: "/etc/ballast/users.txt",
    auth_user: LOOKUP_ROLE,
    auth_dbname: "postgres",
    auth_query: "SELECT username, verifier FROM ballast.verifier_of($1)",
    stats_users: LOOKUP_ROLE,
    pool_mode: "transaction",
    default_pool_size: spec.poolSize,
    max_client_conn: spec.maxClients,
    query_wait_timeout: spec.waitSeconds,
    // The texts of statements that a client names are kept in its own memory, however long they are: 243 of 256 KiB, of one session, ended it for everybody.
    max_prepared_statements: 0,
    // A name of a database that nobody has takes memory until it is forgotten, and anybody may say one.
    autodb_idle_timeout: 60,
    server_idle_timeout: 60,
    server_login_retry: 1,
    server_connect_timeout: 5,
    // Who connects and does not sign in holds a place that others need.
    client_login_timeout: LOGIN_SECONDS,
    // A server that is silent is noticed in seconds, and asked for again.
    tcp_keepalive: 1,
    tcp_keepidle: 10,
    tcp_keepintvl: 3,
    tcp_keepcnt: 4,
    tcp_user_timeout: SILENCE_MS,
    ...(spec.clientsPerRole === undefined ? {} : { max_user_client_connections: spec.clientsPerRole }),
    ignore_startup_parameters: "extra_float_digits,statement_timeout",
    unix_socket_dir: "",
    log_connections: 0,
    log_disconnections: 0,
  };
  return [
    "[databases]",
    `postgres = ${server} pool_mode=session pool_size=${spec.sessionPoolSize}`,
    `* = ${server}`,
    "",
    "[pgbouncer]",
    ...Object.entries(settings).map(([key, value]) => `${key} = ${value}`),
    "",
  ].join("\n");
}
