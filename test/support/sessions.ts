import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@redis/client";
import { expect, test } from "vitest";
import type { KnownSeries } from "../../src/domain/odoo/known-series.ts";
import { until } from "./docker-bench.ts";
import type { FleetInsides } from "./fleet-insides.ts";
import { databaseOf, type LaunchedFleet } from "./launched-fleet.ts";
import { underLoad } from "./load.ts";

export interface SessionSubject {
  readonly fleet: LaunchedFleet;
  readonly insides: FleetInsides;
  /** An environment with servers of its own whose process groups share sessions. */
  readonly environment: string;
}

export interface SeriesSubject extends SessionSubject {
  readonly series: KnownSeries;
}

/** What holds for sessions that several process groups share, in every series. The fleet must be up. */
export function sessionSuite({ fleet, insides, environment }: SessionSubject): void {
  const database = databaseOf(environment);
  const redis = `${environment}/redis`;

  async function signedIn(): Promise<string> {
    return (await fleet.signIn(environment, fleet.password(environment))).session;
  }
  /** Status of the answer, and who is signed in. */
  async function whoami(cookie: string): Promise<string> {
    const more = { headers: { cookie }, body: { jsonrpc: "2.0", params: {} } };
    const { status, body } = await fleet.ask(environment, "/web/session/get_session_info", more);
    const { result } = JSON.parse(body) as { result?: { username?: string } };
    return `${status} ${result?.username ?? "nobody"}`;
  }
  function keyOf(cookie: string): string {
    return createHash("sha256").update(cookie.replace("session_id=", "")).digest("hex");
  }
  async function kept(cookie: string): Promise<readonly string[]> {
    return await insides.asTenant(environment, environment, async (client) => {
      const { rows } = await client.query<{ content: string }>("SELECT content FROM ballast_session WHERE key = $1", [keyOf(cookie)]);
      return rows.map((row) => row.content);
    });
  }
  async function asking(who: "administrator" | "tenant", ...command: string[]): Promise<unknown> {
    const login =
      who === "tenant"
        ? { username: database, password: insides.secret(environment, "keyspace-password") }
        : { username: "ballast", password: insides.secret(environment, "redis-password") };
    const socket = { host: await insides.address(redis), port: 6379, reconnectStrategy: false } as const;
    const client = createClient({ ...login, socket, disableClientInfo: true });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return await client.sendCommand(command).catch((error: Error) => error.message);
    } finally {
      client.destroy();
    }
  }
  const cached = (cookie: string) => asking("administrator", "GET", `${database}:session:${keyOf(cookie)}`);

  test("a session lies in the tenant's database, and in its corner of Redis, under a hash of its id", async () => {
    const cookie = await signedIn();
    expect(await whoami(cookie)).toBe("200 admin");
    const [content = ""] = await kept(cookie);
    expect([JSON.parse(content), JSON.parse(String(await cached(cookie)))]).toEqual([
      expect.objectContaining({ login: "admin", uid: 2 }),
      expect.objectContaining({ login: "admin", uid: 2 }),
    ]);
    const keys = (await asking("administrator", "KEYS", "*")) as string[];
    expect([keys.length > 0, keys.filter((key) => !key.startsWith(`${database}:session:`))]).toEqual([true, []]);
  });

  test("nobody is logged out and no request fails while Redis is killed and comes back", async () => {
    const cookie = await signedIn();
    const restarts = async () => (await (await insides.container(redis)).inspect()).RestartCount;
    const before = await restarts();
    let answered = 0;
    const ask = async () => {
      const answer = await whoami(cookie);
      answered++;
      return answer;
    };
    const answers = await underLoad(4, ask, async () => {
      await sleep(1000);
      await insides.crash(redis);
      const atCrash = answered;
      await until("Redis back by itself", 60, async () => ((await restarts()) > before ? true : undefined));
      await sleep(4000);
      await until("answers since", 60, async () => (answered > atCrash + 20 ? true : undefined));
    });
    expect(new Set(answers)).toEqual(new Set(["200 admin"]));
    // Each process asks Redis again after some seconds of rest.
    await until("the session in Redis again", 30, async () => {
      expect(await whoami(cookie)).toBe("200 admin");
      return (await cached(cookie)) ?? undefined;
    });
  });

  test("what Redis forgets is read from the database", async () => {
    const cookie = await signedIn();
    expect(await asking("administrator", "FLUSHALL")).toBe("OK");
    expect([await cached(cookie), await whoami(cookie)]).toEqual([null, "200 admin"]);
  });

  test("logging out ends the session in both", async () => {
    const cookie = await signedIn();
    expect(await whoami(cookie)).toBe("200 admin");
    expect((await fleet.ask(environment, "/web/session/logout", { headers: { cookie } })).status).toBeLessThan(400);
    expect([await kept(cookie), await cached(cookie), await whoami(cookie)]).toEqual([[], null, "200 nobody"]);
  });

  test("the tenant's user of Redis reads nothing beside its own prefix and runs nothing that is dangerous", async () => {
    expect(await asking("administrator", "SET", "somebody:session:x", "secret", "EX", "60")).toBe("OK");
    const commands = [
      ["GET", "somebody:session:x"],
      ["SET", "somebody:session:x", "mine"],
      ["DEL", "somebody:session:x"],
      ["KEYS", "*"],
      ["SCAN", "0"],
      ["FLUSHALL"],
      ["CONFIG", "GET", "*"],
      ["EVAL", "return 1", "0"],
      ["ACL", "LIST"],
      ["MONITOR"],
      ["SHUTDOWN"],
      ["SUBSCRIBE", "x"],
    ];
    const refused = await Promise.all(commands.map(async (command) => String(await asking("tenant", ...command)).split(" ")[0]));
    expect(refused).toEqual(commands.map(() => "NOPERM"));
    expect(await asking("tenant", "SET", `${database}:session:mine`, "1", "EX", "5")).toBe("OK");
  });
}
