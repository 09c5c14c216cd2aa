import { createHash } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createClient } from "@redis/client";
import { readStateFile } from "../../../adapters/files/state-file.ts";
import type { KeyspaceSpec } from "../../../domain/stack/kinds/keyspace.ts";
import { type NodeId, stackOf } from "../../../domain/stack/node.ts";
import { failure } from "../../../kernel/problem.ts";
import { addressOf } from "../container/containers.ts";
import { configFolderOf, materialised, replaceFile } from "../container/files.ts";
import type { Scope } from "../scope.ts";

export const REDIS_PORT = 6379;
export const ACL_FILE = "users.acl";
const ADMINISTRATOR = "ballast";
/** The name of the secret beside each Redis. */
const ADMINISTRATOR_SECRET = "redis-password";
const KEYSPACES = "keyspaces";
/** What a session store needs; nothing that lists keys, runs scripts, or looks beyond the prefix. */
const COMMANDS = "+get +set +setex +del +unlink +expire +ttl +exists +ping";

/** Two tenants that arrive at once must not write the list of users over each other's. */
const turns = new Map<NodeId, Promise<void>>();

async function inTurn(redis: NodeId, work: () => Promise<void>): Promise<void> {
  const before = turns.get(redis) ?? Promise.resolve();
  const mine = before.catch(() => undefined).then(work);
  turns.set(redis, mine);
  await mine;
}

function hashed(password: string): string {
  return createHash("sha256").update(password).digest("hex");
}

/** Redis splits this line at blanks, so neither part may hold one: both are made from DNS labels. */
export function userLine(spec: KeyspaceSpec, password: string): string {
  return `user ${spec.user} on #${hashed(password)} resetchannels resetkeys ~${spec.prefix}* -@all ${COMMANDS}\n`;
}

const USER_LINE = /^user \S+ on #[0-9a-f]{64} [^\n]+\n$/;

/** The first lines of the list of users: nobody without a name, and the administrator. */
export function ownUsers(administratorPassword: string): string {
  return `user default off\nuser ${ADMINISTRATOR} on #${hashed(administratorPassword)} ~* &* +@all\n`;
}

/** Writes the list of all users: the administrator, and the keyspaces that are there. */
export async function rewriteUsers(scope: Scope, redis: NodeId, administratorPassword: string): Promise<void> {
  const folder = configFolderOf(scope, redis);
  const known = join(folder, KEYSPACES);
  await mkdir(known, { recursive: true, mode: 0o711 });
  const names = (await readdir(known)).filter((name) => name.endsWith(".acl")).sort();
  // One that was spoilt shuts out its own user until it is written again, and not everybody: Redis takes the list whole or not at all.
  const lines = names.flatMap((name) => {
    const found = readStateFile(join(known, name), { form: "a user", read: (text) => (USER_LINE.test(text) ? text : undefined) });
    return found.state === "there" ? [found.value] : [];
  });
  await replaceFile(join(folder, ACL_FILE), [ownUsers(administratorPassword), ...lines].join(""), true);
}

export interface Keyspace {
  readonly redis: NodeId;
  readonly node: NodeId;
}

/** Lets a user in. */
export async function grantKeyspace(scope: Scope, keyspace: Keyspace, user: { spec: KeyspaceSpec; password: string }): Promise<void> {
  await inTurn(keyspace.redis, async () => {
    await mkdir(join(configFolderOf(scope, keyspace.redis), KEYSPACES), { recursive: true, mode: 0o711 });
    await replaceFile(keyspaceFile(scope, keyspace), userLine(user.spec, user.password), true);
    await publish(scope, keyspace.redis);
  });
}

/** Shuts a user out, also where it is connected at this moment. */
export async function revokeKeyspace(scope: Scope, keyspace: Keyspace): Promise<void> {
  await inTurn(keyspace.redis, async () => {
    await rm(keyspaceFile(scope, keyspace), { force: true });
    await publish(scope, keyspace.redis);
  });
}

/** Writes the list, and has a server that runs read it; one that does not, or that lost its secrets with the machine's memory, gets it when it is started. */
async function publish(scope: Scope, redis: NodeId): Promise<void> {
  const password = await materialised(scope, `${stackOf(redis)}/${ADMINISTRATOR_SECRET}`);
  if (password === "") return;
  await rewriteUsers(scope, redis, password);
  const host = await addressOf(scope, redis);
  if (host !== undefined) await reload(redis, host, password);
}

/** The file that holds the user of a keyspace. */
export function keyspaceFile(scope: Scope, { redis, node }: Keyspace): string {
  return join(configFolderOf(scope, redis), KEYSPACES, `${node.replaceAll("/", ".")}.acl`);
}

async function withClient<T>(
  host: string,
  password: string,
  act: (client: { sendCommand(args: string[]): Promise<unknown> }) => Promise<T>,
): Promise<T> {
  const client = createClient({
    username: ADMINISTRATOR,
    password,
    socket: { host, port: REDIS_PORT, connectTimeout: 3000, reconnectStrategy: false },
    commandOptions: { timeout: 5000 },
    disableClientInfo: true,
  });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await act(client);
  } finally {
    client.destroy();
  }
}

async function reload(redis: NodeId, host: string, password: string): Promise<void> {
  try {
    await withClient(host, password, (client) => client.sendCommand(["ACL", "LOAD"]));
  } catch (error) {
    throw failure("BAL-E002", redis, `Redis does not take its list of users: ${(error as Error).message}`, { cause: error });
  }
}

/** True when the server answers its administrator. */
export async function answers(host: string, password: string): Promise<boolean> {
  return await withClient(host, password, (client) => client.sendCommand(["PING"])).then(
    (reply) => reply === "PONG",
    () => false,
  );
}
