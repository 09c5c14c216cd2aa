import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createClient } from "@redis/client";
import type Dockerode from "dockerode";
import pg from "pg";
import { expect, test } from "vitest";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import { networkAlias } from "../../src/engines/docker/observe/labels.ts";
import { execute } from "./docker-bench.ts";
import type { FleetInsides } from "./fleet-insides.ts";
import { databaseOf, type LaunchedFleet } from "./launched-fleet.ts";

/** Every port on which something of ours listens, and those of the usual suspects. */
const PORTS = [25, 80, 443, 2525, 3128, 5432, 6379, 6432, 8025, 8069, 8072, 8082, 8443];

interface Box {
  readonly node: string;
  readonly stack: string;
  readonly container: Dockerode.Container;
  readonly addresses: readonly string[];
}

export interface Tenancy {
  readonly environment: string;
  /** The stack whose PostgreSQL it stands on. */
  readonly servers: string;
}

export interface IsolationSubject {
  readonly fleet: LaunchedFleet;
  readonly insides: FleetInsides;
  /** Environments of the fleet; none may reach another. */
  readonly tenancies: readonly Tenancy[];
}

async function boxesOf(fleet: LaunchedFleet): Promise<readonly Box[]> {
  const docker = dockerClient();
  const found = await docker.listContainers({ filters: { label: [`ballast.fleet=${fleet.name}`] } });
  return found
    .filter((one) => one.Labels["ballast.node"] !== undefined)
    .map((one) => ({
      node: one.Labels["ballast.node"] as string,
      stack: one.Labels["ballast.stack"] as string,
      container: docker.getContainer(one.Id),
      addresses: Object.values(one.NetworkSettings.Networks).map((network) => network.IPAddress),
    }))
    .sort((a, b) => (a.node < b.node ? -1 : 1));
}

/** Connects to everything at once, and prints what answered within a second and a half. */
const TRY_ALL = `
const net = require("node:net");
const targets = JSON.parse(process.argv[1]);
for (const target of targets) {
  const [host, port] = target.split(":");
  const socket = net.connect({ host, port: Number(port) });
  const end = setTimeout(() => socket.destroy(), 1500);
  socket.on("connect", () => { console.log(target); socket.destroy(); });
  socket.on("error", () => undefined);
  socket.on("close", () => clearTimeout(end));
}`;

/** Tries to open every port of every address from the network of a container, as whatever runs in it could; says which answered. */
async function opened(from: Box, targets: readonly Box[]): Promise<readonly string[]> {
  const tries = targets.flatMap((box) => box.addresses.flatMap((address) => PORTS.map((port) => `${address}:${port}`)));
  const { Pid: pid } = (await from.container.inspect()).State;
  const words = ["--target", String(pid), "--net", process.execPath, "-e", TRY_ALL, JSON.stringify(tries)];
  const { stdout } = await promisify(execFile)("nsenter", words, { timeout: 60_000 });
  const answered = stdout.split("\n").filter((line) => line !== "");
  const nodeAt = (address: string) => targets.find((box) => box.addresses.includes(address))?.node ?? address;
  return [...new Set(answered.map((one) => `${from.node} → ${nodeAt(one.split(":")[0] as string)}:${one.split(":")[1]}`))];
}

/** What `getent` ends with for each name, asked one after the other: 0 where it means something, 2 where nobody has it. */
const LOOK_UP = 'for name in "$@"; do getent hosts "$name" > /dev/null; echo "$name $?"; done';

async function lookedUp(from: Box, names: readonly string[]): Promise<readonly string[]> {
  const { out } = await execute(dockerClient(), from.container, ["bash", "-c", LOOK_UP, "names", ...names]);
  return out.toString().trim().split("\n");
}

/** What stands between the tenants of one fleet. The fleet must be up. */
export function isolationSuite({ fleet, insides, tenancies }: IsolationSubject): void {
  const names = tenancies.map((one) => one.environment);
  const pairs = tenancies.flatMap((own) => tenancies.filter((other) => other !== own).map((other) => ({ own, other })));

  test("no container of a tenant opens a port of another tenant's container, on any address of it", async () => {
    const boxes = await boxesOf(fleet);
    const all = boxes.filter((box) => names.includes(box.stack));
    expect(new Set(all.map((box) => box.stack))).toEqual(new Set(names));
    const reached: string[] = [];
    for (const from of all)
      reached.push(
        ...(await opened(
          from,
          all.filter((to) => to.stack !== from.stack),
        )),
      );
    expect(reached).toEqual([]);
    // The same way of trying does find what is meant to be reached.
    const [first] = all.filter((box) => box.node.includes("/odoo"));
    expect(await opened(first as Box, [first as Box])).toContain(`${first?.node} → ${first?.node}:8069`);
  });

  test("of servers that others share, a tenant's containers reach those that it uses, and no other", async () => {
    const boxes = await boxesOf(fleet);
    const servers = boxes.filter((box) => box.stack.startsWith("pool/"));
    for (const { environment, servers: own } of tenancies) {
      const mine = boxes.filter((box) => box.stack === environment);
      const reached = (await Promise.all(mine.map((box) => opened(box, servers)))).flat();
      const stacks = new Set(reached.map((line) => line.split(" → ")[1]?.split("/").slice(0, 2).join("/")));
      expect([environment, [...stacks]]).toEqual([environment, own.startsWith("pool/") ? [own] : []]);
    }
  });

  test("the names of a tenant's containers mean nothing to another tenant", async () => {
    const boxes = await boxesOf(fleet);
    for (const { own, other } of pairs) {
      const namesOf = ({ environment }: Tenancy) => boxes.filter((box) => box.stack === environment).map(({ node }) => networkAlias(node));
      const from = boxes.find((box) => box.stack === own.environment && box.node.includes("/odoo")) as Box;
      expect([other.environment, namesOf(other).length > 0]).toEqual([other.environment, true]);
      // The same way of asking does find what is meant to be found: one's own.
      expect([from.node, await lookedUp(from, [...namesOf(own), ...namesOf(other)])]).toEqual([
        from.node,
        [...namesOf(own).map((name) => `${name} 0`), ...namesOf(other).map((name) => `${name} 2`)],
      ]);
    }
  });

  test("the database credentials of a tenant open no other tenant's database, at the server or through the pooler", async () => {
    for (const { own, other } of pairs) {
      const login = { user: databaseOf(own.environment), password: insides.secret(own.environment, "role-password") };
      for (const [server, port] of [
        [`${other.servers}/postgres`, 5432],
        [`${other.servers}/pooler`, 6432],
      ] as const) {
        const answer = await refusal({ ...login, host: await insides.address(server), port, database: databaseOf(other.environment) });
        expect([own.environment, other.environment, server, answer === "in"]).toEqual([own.environment, other.environment, server, false]);
        expect(answer).toMatch(/permission denied for database|password authentication failed|no such user|SASL|login rejected/i);
      }
    }
  });

  test("an administrator's password or an API key of one tenant opens nothing at another", async () => {
    for (const { own, other } of pairs) {
      const { body } = await fleet.signIn(other.environment, fleet.password(own.environment));
      expect([own.environment, other.environment, (JSON.parse(body) as { result?: { uid?: number } }).result?.uid ?? "nobody"]).toEqual([
        own.environment,
        other.environment,
        "nobody",
      ]);
      const args = [databaseOf(other.environment), "admin", insides.secret(own.environment, "api-key"), {}];
      const params = { service: "common", method: "authenticate", args };
      const answer = await fetch(`${await insides.odooUrl(other.environment)}/jsonrpc`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", method: "call", params }),
      });
      const { result = false } = (await answer.json()) as { result?: unknown };
      expect([own.environment, other.environment, result]).toEqual([own.environment, other.environment, false]);
    }
  });

  test("from its own database a tenant sees the names of its neighbours and what they are doing not at all, and can leave nothing outside of it", async () => {
    for (const { environment, servers } of tenancies) {
      const seen = await residueOf(environment, servers);
      const neighbours = tenancies.filter((one) => one.servers === servers).map((one) => databaseOf(one.environment));
      expect(seen.databases).toEqual(expect.arrayContaining(neighbours));
      expect([seen.queriesOfOthers, seen.role, seen.file, seen.common]).toEqual([
        [],
        "42501",
        "42501",
        'permission denied for database "postgres"',
      ]);
    }
  });

  async function residueOf(environment: string, servers: string) {
    const user = databaseOf(environment);
    const host = await insides.address(`${servers}/postgres`);
    const login = { host, user, password: insides.secret(environment, "role-password") };
    const client = new pg.Client({ ...login, database: user });
    client.on("error", () => undefined);
    await client.connect();
    const denied = (sql: string) =>
      client.query(sql).then(
        () => "done",
        (error: { code?: string }) => error.code,
      );
    try {
      const databases = await client.query<{ name: string }>("SELECT datname AS name FROM pg_database WHERE NOT datistemplate");
      const others = await client.query<{ query: string }>(
        "SELECT query FROM pg_stat_activity WHERE usename <> current_user AND query NOT IN ('', '<insufficient privilege>')",
      );
      return {
        databases: databases.rows.map((row) => row.name),
        queriesOfOthers: others.rows.map((row) => row.query),
        role: await denied("CREATE ROLE left_behind"),
        file: await denied("SELECT pg_read_file('/etc/passwd')"),
        common: await refusal({ ...login, database: "postgres" }),
      };
    } finally {
      await client.end();
    }
  }
}

/** What a tenant can do with its Redis user in the corners of others. */
export function keyspaceSuite({ insides, tenancies }: IsolationSubject): void {
  test("a tenant's Redis user sees its own prefix and no key beyond it, and no command that tells of others", async () => {
    for (const { environment, servers } of tenancies) {
      const username = databaseOf(environment);
      const client = createClient({
        username,
        password: insides.secret(environment, "keyspace-password"),
        socket: { host: await insides.address(`${servers}/redis`), port: 6379, reconnectStrategy: false },
        disableClientInfo: true,
      });
      client.on("error", () => undefined);
      await client.connect();
      const ask = (...command: string[]) =>
        client.sendCommand(command).then(
          () => "answered",
          (error: Error) => error.message.split(" ")[0],
        );
      try {
        const tried = [
          ["GET", "other_production:session:x"],
          ["SET", "other_production:session:x", "1"],
          ["KEYS", "*"],
          ["SCAN", "0"],
          ["CONFIG", "GET", "*"],
          ["ACL", "LIST"],
          ["CLIENT", "LIST"],
          ["MONITOR"],
          ["FLUSHALL"],
          ["EVAL", "return 1", "0"],
        ];
        const answers = await Promise.all(tried.map((command) => ask(...command)));
        expect(answers).toEqual(tried.map(() => "NOPERM"));
      } finally {
        client.destroy();
      }
    }
  });
}

/** `in`, or the words with which a login was refused. */
async function refusal(target: pg.ClientConfig): Promise<string> {
  const client = new pg.Client({ ...target, connectionTimeoutMillis: 10_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("SELECT 1");
    return "in";
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.end().catch(() => undefined);
  }
}
