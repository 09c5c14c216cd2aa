import { spawnSync } from "node:child_process";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../../test/support/embedded-server.ts";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { CrashRecovery } from "./crash-recovery.ts";

const ID = "pool/everyone/postgres";
let server: TestServer;
let address: string;

beforeAll(async () => {
  server = await testServer();
  address = await server.database("crashes");
});
afterAll(() => server.stop());

async function session(): Promise<ServerSession> {
  const client = new pg.Client({ connectionString: address });
  client.on("error", () => undefined);
  await client.connect();
  return { run: async ({ text, values }) => (await client.query(text, [...values])).rows as never, end: () => client.end() };
}

test("a server that ended all sessions after one of its processes crashed is told once; one that runs on is not", async () => {
  const recovery = new CrashRecovery();
  const first = await session();
  expect(await recovery.look(ID, first)).toBe(false);
  const [found] = await first.run({ text: "SELECT pg_backend_pid() AS pid", values: [] } as never);
  const { pid } = found as unknown as { readonly pid: number };
  const second = await session();
  expect(await recovery.look(ID, second)).toBe(false);
  spawnSync("kill", ["-SEGV", String(pid)]);
  let third: ServerSession | undefined;
  await expect
    .poll(
      async () => {
        third = await session().catch(() => undefined);
        return third !== undefined;
      },
      { timeout: 60_000 },
    )
    .toBe(true);
  await expect
    .poll(() =>
      second.run({ text: "SELECT 1", values: [] } as never).then(
        () => "open",
        () => "ended",
      ),
    )
    .toBe("ended");
  await third?.end();
  const fourth = await session();
  expect([await recovery.look(ID, fourth), await recovery.look(ID, fourth)]).toEqual([true, false]);
  await fourth.end();
});
