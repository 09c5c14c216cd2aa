import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EmbeddedServer, startEmbedded } from "./embedded.ts";
import { endOrphans } from "./orphans.ts";

const folder = mkdtempSync(join(tmpdir(), "ballast-peer-"));
const place = join(folder, "postgres");
let server: EmbeddedServer;

beforeAll(async () => {
  chmodSync(folder, 0o711);
  server = await startEmbedded(place);
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function entering(connectionString: string): Promise<string> {
  const client = new pg.Client({ connectionString });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query<{ current_user: string }>("SELECT current_user")).rows[0]?.current_user ?? "";
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.end().catch(() => undefined);
  }
}

test("the user of this process comes in without a password, and under no other name", async () => {
  expect(await entering(server.connectionString)).toBe("ballast");
  expect(await entering(server.connectionString.replace("ballast@", "postgres@"))).toContain('no pg_hba.conf entry for host "[local]"');
  expect(readFileSync(join(place, "data", "pg_hba.conf"), "utf8")).toBe("local all ballast peer map=own\n");
});

/** Only root can be somebody else. */
test.skipIf(process.getuid?.() !== 0)("another user does not come in, not even the one the server runs as", () => {
  const enter = `import pg from "pg"; const c = new pg.Client({ connectionString: process.argv[1] }); c.connect().then(() => console.log("in"), (e) => console.log(e.message)).finally(() => c.end());`;
  const as = (uid: number) => {
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", enter, server.connectionString], {
      uid,
      encoding: "utf8",
    });
    return stdout.trim();
  };
  expect(as(statSync(join(place, "data")).uid)).toBe('Peer authentication failed for user "ballast"');
  expect(as(65534)).toContain("EACCES");
});

test("a server that runs and has lost its socket is started again", async () => {
  const pid = () => Number(readFileSync(join(place, "data", "postmaster.pid"), "utf8").split("\n")[0]);
  const before = pid();
  rmSync(join(place, ".s.PGSQL.5432"));
  server = await startEmbedded(place);
  expect([await entering(server.connectionString), pid() === before]).toEqual(["ballast", false]);
}, 60_000);

test("a store of an earlier version that runs, with a password, is adopted, and the password is gone", async () => {
  const hba = join(place, "data", "pg_hba.conf");
  writeFileSync(hba, "local all all scram-sha-256\n");
  writeFileSync(join(place, "password"), "once");
  process.kill(Number(readFileSync(join(place, "data", "postmaster.pid"), "utf8").split("\n")[0]), "SIGHUP");
  await expect.poll(() => entering(server.connectionString)).toContain("password");
  const again = await startEmbedded(place);
  await expect.poll(() => entering(again.connectionString)).toBe("ballast");
  expect(existsSync(join(place, "password"))).toBe(false);
  expect(readdirSync(join(place, "data")).filter((name) => name.endsWith(".making"))).toEqual([]);
});

test("a server whose folder was removed is ended, and one whose folder is there is left alone", async () => {
  const removed = mkdtempSync(join(tmpdir(), "ballast-removed-"));
  chmodSync(removed, 0o711);
  await startEmbedded(join(removed, "postgres"));
  const pid = Number(readFileSync(join(removed, "postgres", "data", "postmaster.pid"), "utf8").split("\n")[0]);
  expect([endOrphans(removed), endOrphans(folder)]).toEqual([[], []]);
  rmSync(removed, { recursive: true, force: true });
  expect(endOrphans(removed)).toContain(pid);
  await expect.poll(() => existsSync(`/proc/${pid}/exe`), { timeout: 30_000 }).toBe(false);
  expect(endOrphans(removed)).toEqual([]);
  expect(await entering(server.connectionString)).toBe("ballast");
});
