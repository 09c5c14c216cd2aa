import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { expect, test } from "vitest";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import { inStore } from "./control-plane.ts";
import { until } from "./docker-bench.ts";
import type { FleetInsides } from "./fleet-insides.ts";
import { indexInWorkers } from "./index-in-workers.ts";
import { databaseOf, endsWell, type LaunchedFleet } from "./launched-fleet.ts";
import { besideLoops } from "./neighbour-loop.ts";

export interface PoolSubject {
  readonly fleet: LaunchedFleet;
  readonly insides: FleetInsides;
  /** The pool's stack. */
  readonly pool: string;
  /** The environment of whoever attacks, and others of the same pool. */
  readonly attacker: string;
  readonly neighbours: readonly string[];
}

/** Opens sockets from where a tenant's container stands and leaves them half way: nothing said, or, of PostgreSQL, everything but the answer to its question. */
const HOLD_SOCKETS = `
const net = require("node:net");
const [host, port, count, greeting] = [process.argv[1], Number(process.argv[2]), Number(process.argv[3]), process.argv[4]];
let open = 0;
let refused = 0;
const again = () => setTimeout(hold, 200);
function hold() {
  const socket = net.connect({ host, port });
  socket.on("connect", () => { open += 1; if (greeting) socket.write(Buffer.from(greeting, "hex")); });
  socket.on("error", () => { refused += 1; });
  socket.on("close", again);
}
for (let one = 0; one < count; one++) setTimeout(hold, one);
setInterval(() => process.stdout.write(open + " " + refused + "\\n"), 500);
`;

/** What a client says first: protocol 3.0, a user and a database. */
function startupPacket(user: string, database: string): string {
  const words = Buffer.from(`user\0${user}\0database\0${database}\0\0`);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(words.length + 8, 0);
  head.writeUInt32BE(196_608, 4);
  return Buffer.concat([head, words]).toString("hex");
}

/** The attacker's way to a shared server is its own network. */
async function addressSeenBy({ fleet, insides }: PoolSubject, attacker: string, server: string): Promise<string> {
  const label = [`ballast.fleet=${fleet.name}`, `ballast.node=${attacker}/boundary`];
  const [wall] = await dockerClient().listNetworks({ filters: { label } });
  const { NetworkSettings: settings } = await (await insides.container(server)).inspect();
  return settings.Networks[wall?.Name ?? ""]?.IPAddress ?? "";
}

async function holdSockets(
  subject: PoolSubject,
  to: { server: string; port: number; count: number; greeting: string },
): Promise<ChildProcess> {
  const { insides, attacker } = subject;
  const { Pid: pid } = (
    await (await insides.container(`${attacker}/odoo`).catch(() => insides.container(`${attacker}/odoo-web`))).inspect()
  ).State;
  const host = await addressSeenBy(subject, attacker, to.server);
  const words = [
    "--target",
    String(pid),
    "--net",
    process.execPath,
    "-e",
    HOLD_SOCKETS,
    host,
    String(to.port),
    String(to.count),
    to.greeting,
  ];
  const child = spawn("nsenter", words, { stdio: ["ignore", "pipe", "inherit"] });
  // It has tried all of them at least once.
  await until("the first sockets", 30, async () => {
    const [line] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
    const [open = 0, refused = 0] = line.toString().trim().split("\n").at(-1)?.split(" ").map(Number) ?? [];
    return open + refused >= to.count ? true : undefined;
  });
  return child;
}

/** What was told of sessions that were ended. */
async function endedSessions({ fleet }: PoolSubject): Promise<readonly string[]> {
  const sql = "SELECT entry FROM ledger WHERE entry LIKE '%session.ended%' ORDER BY seq";
  return (await inStore<{ entry: string }>(fleet.installation, true, sql)).map((line) => line.entry);
}

/** The ledger is written after the session has ended. */
async function untilToldEnded(subject: PoolSubject, words: string): Promise<void> {
  await until(`an entry in the ledger with "${words}"`, 30, async () =>
    (await endedSessions(subject)).at(-1)?.includes(words) === true ? true : undefined,
  );
}

/** A session of the attacker's role in its own database, which code inside its Odoo can open too; what ended it, once something did. */
export async function attackerSession({ insides, attacker, pool }: PoolSubject): Promise<{ client: pg.Client; end: Promise<string> }> {
  const database = databaseOf(attacker);
  const host = await insides.address(`${pool}/postgres`);
  const client = new pg.Client({ host, user: database, database, password: insides.secret(attacker, "role-password") });
  const end = new Promise<string>((resolve) => {
    client.on("error", (error) => resolve(error.message));
    client.on("end", () => resolve("ended"));
  });
  await client.connect();
  return { client, end };
}

/** A function of an index that takes every lock that is left, where nobody but a worker of autovacuum evaluates it; and keeps them, whatever fails. */
const AUTOVACUUM_ATTACK = indexInWorkers(
  `FOR round IN 1..200 LOOP
     BEGIN
       FOR n IN 1..500 LOOP PERFORM pg_catalog.pg_advisory_lock(77, round * 500 + n); END LOOP;
     EXCEPTION WHEN OTHERS THEN EXIT;
     END;
   END LOOP;
   PERFORM pg_catalog.pg_sleep(600);`,
  200,
);

const HELD_SECONDS = 10;

/** What one tenant may do to the servers that it shares, while its neighbours work: they fail not one request. */
export function socketSuite(subject: PoolSubject, servers: readonly ("pooler" | "postgres" | "redis" | "ingress")[]): void {
  const { fleet, pool, attacker, neighbours } = subject;
  const own = databaseOf(attacker);
  const ATTACKS = {
    pooler: { server: `${pool}/pooler`, port: 6432, count: 1990, greeting: startupPacket(own, own) },
    postgres: { server: `${pool}/postgres`, port: 5432, count: 200, greeting: startupPacket(own, own) },
    redis: { server: `${pool}/redis`, port: 6379, count: 1990, greeting: "" },
    ingress: { server: "platform/here/ingress", port: 8443, count: 1990, greeting: "" },
  } as const;

  test.each(servers)(
    "as many sockets as it can, opened by one tenant and never signed in at its %s, cost its neighbours nothing",
    async (server) => {
      const attack = ATTACKS[server];
      const { requests, failed } = await besideLoops(fleet, neighbours, async () => {
        const child = await holdSockets(subject, attack);
        await sleep(HELD_SECONDS * 1000);
        expect(child.exitCode).toBeNull();
        child.kill("SIGKILL");
      });
      expect([failed, requests > HELD_SECONDS]).toEqual([[], true]);
    },
  );
}

/** The locks of which 14,600 were once all that the server had. */
export function lockSuite(subject: PoolSubject): void {
  const { fleet, attacker, neighbours } = subject;

  test("a session that takes the locks that all share is ended with its name in the ledger, and its neighbours fail nothing", async () => {
    const { requests, failed } = await besideLoops(fleet, neighbours, async () => {
      const { client, end } = await attackerSession(subject);
      await client.query("SELECT count(pg_advisory_lock(i)) FROM generate_series(1, 14600) i");
      expect(await end).toMatch(/terminating connection|ended|terminated/);
    });
    expect([failed, requests > 0]).toEqual([[], true]);
    await untilToldEnded(subject, `a session of ${databaseOf(attacker)} in ${databaseOf(attacker)} was ended: it held 14600 of`);
    const { out } = await fleet.ballast("status", fleet.folder);
    expect(out).toContain(`of ${databaseOf(attacker)} ended in a day`);
  });
}

/** What fills what is everybody's to the last place: for a moment others feel it, and Ballast must come in all the same. */
export function exhaustionSuite(subject: PoolSubject): void {
  const { attacker, neighbours, fleet, insides, pool } = subject;

  test("a table of locks that is full to the last place keeps nobody out for long: the session is ended, and everybody works", async () => {
    const before = (await endedSessions(subject)).length;
    const { client, end } = await attackerSession(subject);
    await client.query("SELECT count(pg_advisory_lock(i)) FROM generate_series(1, 1000000) i").catch(() => undefined);
    await end;
    await until("the entry in the ledger", 10, async () => ((await endedSessions(subject)).length > before ? true : undefined));
    const { failed } = await besideLoops(fleet, neighbours, () => sleep(5000));
    expect(failed).toEqual([]);
  });

  test("a table of locks that is filled from a worker of autovacuum keeps nobody out for long: the worker is ended, and everybody works", async () => {
    const told = `a session of autovacuum in ${databaseOf(attacker)} was ended: it held `;
    const { client } = await attackerSession(subject);
    await client.query(AUTOVACUUM_ATTACK);
    await until(
      "the entry in the ledger",
      150,
      async () => (await endedSessions(subject)).some((entry) => entry.includes(told)) || undefined,
    );
    await client.query("DROP TABLE public.analysed");
    await client.end();
    const { failed } = await besideLoops(fleet, neighbours, () => sleep(5000));
    expect(failed).toEqual([]);
  });

  test.each([
    ["", "SELECT 1"],
    [" that failed", "SELECT 1/0"],
  ])(
    "a listener in an open transaction%s is ended long before the queue of notifications is full, and its neighbours fail nothing",
    async (_, begun) => {
      const { failed } = await besideLoops(fleet, neighbours, async () => {
        const listener = await attackerSession(subject);
        await listener.client.query("SET idle_in_transaction_session_timeout = 0; LISTEN attack");
        await listener.client.query("BEGIN");
        await listener.client.query(begun).catch(() => undefined);
        const sender = await attackerSession(subject);
        // Who sends is ended together with who keeps the queue from being read, in either order.
        const ends = { listener: false, sender: false };
        listener.end.then(() => (ends.listener = true)).catch(() => undefined);
        sender.end.then(() => (ends.sender = true)).catch(() => undefined);
        const send = "SELECT count(pg_notify('attack', repeat('x', 7900) || i || $1)) FROM generate_series(1, 200) i";
        for (let round = 0; !ends.listener && !ends.sender; round++) {
          if (round > 4000) throw new Error("the listener was never ended");
          await sender.client.query(send, [String(round)]).catch(() => undefined);
        }
        await until("the end of the listener", 30, async () => ends.listener || undefined);
        await sender.client.end().catch(() => undefined);
      });
      expect(failed).toEqual([]);
      await untilToldEnded(subject, "the queue of notifications, which is everybody's, was");
    },
  );

  test("a statement that asks for more memory than one session may have fails by itself, and its neighbours fail nothing", async () => {
    const { failed } = await besideLoops(fleet, neighbours, async () => {
      const { client } = await attackerSession(subject);
      for (let round = 0; round < 3; round++)
        await expect(client.query("SELECT length(repeat('x', 1000000000))")).rejects.toThrow("out of memory");
      await client.end();
    });
    expect(failed).toEqual([]);
  });

  test("with every place taken that a tenant can get, Ballast and the neighbours still come in", async () => {
    const database = databaseOf(attacker);
    const host = await insides.address(`${pool}/postgres`);
    const clients: pg.Client[] = [];
    const { failed } = await besideLoops(fleet, neighbours, async () => {
      for (let one = 0; one < 200; one++) {
        const client = new pg.Client({ host, user: database, database, password: insides.secret(attacker, "role-password") });
        client.on("error", () => undefined);
        if (
          !(await client.connect().then(
            () => true,
            () => false,
          ))
        )
          break;
        clients.push(client);
      }
      expect(clients.length).toBeGreaterThan(10);
      await sleep(5000);
      await endsWell(fleet.ballast("status", fleet.folder));
    });
    for (const client of clients) await client.end();
    expect(failed).toEqual([]);
  });
}
