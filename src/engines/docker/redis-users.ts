import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { createClient } from "@redis/client";
import type { KeyspaceSpec } from "../../domain/stack/kinds/keyspace.ts";
import type { NodeId } from "../../domain/stack/node.ts";
import { failure } from "../../kernel/problem.ts";
import { configFolderOf, replaceFile } from "./files.ts";
import type { Scope } from "./scope.ts";

export const REDIS_PORT = 6379;
export const ACL_FILE = "users.acl";
const ADMINISTRATOR = "ballast";
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

/** The first lines of the list of users: nobody without a name, and the administrator. */
export function ownUsers(administratorPassword: string): string {
  return `user default off\nuser ${ADMINISTRATOR} on #${hashed(administratorPassword)} ~* &* +@all\n`;
}

/** Writes the list of all users from the administrator's password and the keyspaces that are there. */
export async function rewriteUsers(scope: Scope, redis: NodeId, administratorPassword: string): Promise<void> {
  const folder = configFolderOf(scope, redis);
  const known = join(folder, KEYSPACES);
  await mkdir(known, { recursive: true, mode: 0o711 });
  const names = (await readdir(known)).filter((name) => name.endsWith(".acl")).sort();
  const lines = await Promise.all(names.map((name) => readFile(join(known, name), "utf8")));
  await replaceFile(join(folder, ACL_FILE), [ownUsers(administratorPassword), ...lines].join(""), true);
}

export interface KeyspaceWork {
  readonly redis: NodeId;
  readonly node: NodeId;
  readonly administratorPassword: string;
  /** Of the container, when it runs. */
  readonly host: string | undefined;
}

/** Lets a user in, and tells the running server. */
export async function grantKeyspace(scope: Scope, work: KeyspaceWork, user: { spec: KeyspaceSpec; password: string }): Promise<void> {
  await inTurn(work.redis, async () => {
    await mkdir(join(configFolderOf(scope, work.redis), KEYSPACES), { recursive: true, mode: 0o711 });
    await replaceFile(keyspaceFile(scope, work), userLine(user.spec, user.password), true);
    await rewriteUsers(scope, work.redis, work.administratorPassword);
    if (work.host !== undefined) await reload(work);
  });
}

/** Shuts a user out; the file alone is enough where the server does not run. */
export async function revokeKeyspace(scope: Scope, work: Pick<KeyspaceWork, "redis" | "node">): Promise<void> {
  await inTurn(work.redis, async () => {
    await rm(keyspaceFile(scope, work), { force: true });
    const list = join(configFolderOf(scope, work.redis), ACL_FILE);
    const text = await readFile(list, "utf8").catch(() => undefined);
    const administrator = text?.split("\n").find((line) => line.startsWith(`user ${ADMINISTRATOR} `));
    if (administrator === undefined) return;
    const known = join(configFolderOf(scope, work.redis), KEYSPACES);
    const names = (await readdir(known).catch(() => [])).filter((name) => name.endsWith(".acl")).sort();
    const lines = await Promise.all(names.map((name) => readFile(join(known, name), "utf8")));
    await replaceFile(list, ["user default off\n", `${administrator}\n`, ...lines].join(""), true);
  });
}

function keyspaceFile(scope: Scope, { redis, node }: Pick<KeyspaceWork, "redis" | "node">): string {
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

async function reload({ redis, host, administratorPassword }: KeyspaceWork): Promise<void> {
  try {
    await withClient(host as string, administratorPassword, (client) => client.sendCommand(["ACL", "LOAD"]));
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
