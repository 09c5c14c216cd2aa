import pg from "pg";
import { expect, test } from "vitest";
import { databaseOf } from "./launched-fleet.ts";
import { besideLoops } from "./neighbour-loop.ts";
import { attackerSession, type PoolSubject } from "./pool-attacks.ts";

/** More of the memory that processes share than the 64 MiB of `/dev/shm` that a container has: hash tables of statements that are divided, each held for a while. */
const HELD_SECONDS = 8;
/** Of 256 KiB each: what a pooler may have of memory is 64 MiB. */
const NAMED = 400;
const DIVIDED = `
SET max_parallel_workers_per_gather = 4; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
SET enable_mergejoin = off; SET enable_nestloop = off; SET work_mem = '90MB'; SET hash_mem_multiplier = 1; SET jit = off; SET statement_timeout = 0`;
const MADE = `
CREATE TABLE public.divided AS SELECT g AS i, repeat('x', 100) AS t FROM generate_series(1, 200000) g;
ANALYZE public.divided; ALTER TABLE public.divided SET (parallel_workers = 4)`;
const HOLD = `SELECT count(*), count(pg_sleep(${HELD_SECONDS})) FROM (
  SELECT a.i, b.t FROM public.divided a JOIN public.divided b USING (i) WHERE a.i > 0 OFFSET 0) x WHERE x.i < 2`;
/** What is counted of each table lies in the same memory. Each is made by itself, since the locks of a transaction are bounded. */
const madeTable = (n: number) => `CREATE TEMP TABLE tt_${n} (i int PRIMARY KEY); INSERT INTO tt_${n} VALUES (1)`;

/** Of a server on which several tenants stand. */
export function sharedMemorySuite(subject: PoolSubject): void {
  const { fleet, insides, pool, attacker, neighbours } = subject;

  test("statements that one tenant divides, and statistics of thousands of tables, end no server and no session of a neighbour", async () => {
    const server = await insides.container(`${pool}/postgres`);
    const starts = async () => {
      const { client } = await attackerSession(subject);
      const { rows } = await client.query<{ since: Date }>("SELECT pg_postmaster_start_time() AS since");
      await client.end();
      return [(await server.inspect()).RestartCount, rows[0]?.since.getTime()];
    };
    const before = await starts();
    const { client } = await attackerSession(subject);
    await client.query(MADE);
    const { failed } = await besideLoops(fleet, neighbours, async () => {
      const held = Array.from({ length: 6 }, async () => {
        const { client: holder } = await attackerSession(subject);
        await holder.query(DIVIDED);
        await holder.query(HOLD);
        await holder.end();
      });
      const ended = Promise.all(held);
      for (let n = 0; n < 1500; n++) await client.query(madeTable(n));
      await ended;
    });
    expect([failed, await starts()]).toEqual([[], before]);
    await client.query("DROP TABLE public.divided");
    await client.end();
    expect((await fleet.ask(attacker, "/web/login")).status).toBe(200);
  });

  test("statements that one tenant names at the pooler, however long, cost its neighbours nothing", async () => {
    const pooler = await insides.container(`${pool}/pooler`);
    const restarts = async () => (await pooler.inspect()).RestartCount;
    const before = await restarts();
    const database = databaseOf(attacker);
    const host = await insides.address(`${pool}/pooler`);
    const client = new pg.Client({ host, port: 6432, user: database, database, password: insides.secret(attacker, "role-password") });
    client.on("error", () => undefined);
    await client.connect();
    const { failed } = await besideLoops(fleet, neighbours, async () => {
      for (let n = 0; n < NAMED; n++) {
        const text = `SELECT ${n} /* ${"x".repeat(256 * 1024)} */`;
        // One that its own server refuses is the tenant's own matter.
        if (
          await client.query({ name: `named-${n}`, text }).then(
            () => false,
            () => true,
          )
        )
          break;
      }
    });
    await client.end().catch(() => undefined);
    expect([failed, await restarts()]).toEqual([[], before]);
  });
}
