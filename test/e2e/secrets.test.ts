import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FleetPlan, FleetStatus } from "../../src/api/contract/contract.ts";
import { canarySuite } from "../support/canary-suite.ts";
import { endControlPlane } from "../support/control-plane.ts";
import { PACKAGE_ROOT } from "../support/docker-installation.ts";
import { insidesOf } from "../support/fleet-insides.ts";
import { withoutWindows } from "../support/fleet-text.ts";
import { endsWell, launchedFleet } from "../support/launched-fleet.ts";
import { underLoad } from "../support/load.ts";
import { loginsOf } from "../support/logins.ts";
import { besideLoops } from "../support/neighbour-loop.ts";

const fleet = launchedFleet("sealed");
const insides = insidesOf(fleet);
const { letIn, whoCalls } = loginsOf(insides);
const { installation } = fleet;
const EXAMPLE = readFileSync(join(PACKAGE_ROOT, "examples/hello/fleet.yaml"), "utf8");
const HELLO = withoutWindows(EXAMPLE).replace("name: hello", `name: ${fleet.name}`);
const ACME = HELLO.split("\n---\n").find((text) => text.includes("kind: Tenant")) as string;
const CENTRAL = ACME.replace("name: acme", "name: central").replace(
  "{ hosting: shared, pool: everyone }",
  "{ hosting: isolated, tier: mission-critical, sizes: { web: { processes: 3 } } }",
);
const central = "central/production";
const NOW = ["--now", "--reason", "test"] as const;

async function plan(): Promise<readonly string[]> {
  const { out } = await fleet.ballast("plan", fleet.folder, "--json");
  return (JSON.parse(out) as { plan: FleetPlan }).plan.stacks.flatMap((stack) =>
    stack.changes.map((change) => `${change.verb} ${change.node}`),
  );
}

async function unwell(): Promise<readonly string[]> {
  const { out } = await fleet.ballast("status", fleet.folder, "--json");
  return (JSON.parse(out) as FleetStatus).stacks.filter((one) => one.state !== "serving").map((one) => `${one.stack} ${one.state}`);
}

beforeAll(async () => {
  fleet.declare(`${HELLO}\n---\n${CENTRAL}`);
  const up = await fleet.ballast("up", fleet.folder, "--yes");
  if (up.code !== 0) throw new Error(up.err);
}, 600_000);
afterAll(async () => {
  await fleet.remove();
}, 120_000);

describe("no secret of a fleet is anywhere but where it is used", () => {
  canarySuite(fleet, central);
});

describe("rotation", () => {
  test("outside the window is refused with when it opens, and nothing is left waiting", async () => {
    const refused = await fleet.ballast("rotate", fleet.folder, central);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("BAL-A008")]);
    expect(refused.err).toContain("--now --reason TEXT");
    expect(await plan()).toEqual([]);
  });

  test("of what does not exist says what does", async () => {
    const refused = await fleet.ballast("rotate", fleet.folder, central, "--only", "pasword", ...NOW);
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringContaining("nothing named pasword can be rotated there; one of: admin-password, api-key"),
    ]);
  });

  test("of every secret leaves none of the old ones valid, and closes nobody longer than the restart of what they stand on", async () => {
    const names = [
      "superuser-password",
      "replication-password",
      "redis-password",
      "pooler-password",
      "role-password",
      "keyspace-password",
      "api-key",
      "master-password",
    ];
    const old = Object.fromEntries(names.map((name) => [name, insides.secret(central, name)])) as Record<string, string>;
    const neighbour = insides.secret("acme/production", "role-password");
    const before = Date.now();
    const answers = await underLoad(
      1,
      async () => {
        const status = await fleet.ask("central", "/web/login", { seconds: 5 }).then(
          (answer) => answer.status,
          () => 0,
        );
        await sleep(100);
        return { at: Date.now() - before, status };
      },
      async () => {
        const { failed } = await besideLoops(fleet, ["acme"], async () => {
          const rotated = await fleet.ballast("rotate", fleet.folder, central, ...NOW);
          expect([rotated.code, rotated.err]).toEqual([0, expect.any(String)]);
        });
        expect(failed).toEqual([]);
      },
    );
    const away = answers.filter((one) => one.status !== 200).map((one) => one.at);
    console.info(
      `rotation of ${names.length} secrets: closed for ${away.length === 0 ? 0 : (Math.max(...away) - Math.min(...away)) / 1000} s`,
    );
    for (const name of names) expect([name, insides.secret(central, name) === old[name]]).toEqual([name, false]);
    const server = `${central}/postgres`;
    const pooler = `${central}/pooler`;
    const own = ["central_production", "central_production"] as const;
    expect(await letIn(server, "postgres", old["superuser-password"] as string)).toBe("28P01");
    expect(await letIn(server, "postgres", insides.secret(central, "superuser-password"))).toBe("in");
    expect(await letIn(server, own[0], old["role-password"] as string, own[1])).toBe("28P01");
    expect(await letIn(pooler, own[0], insides.secret(central, "role-password"), own[1])).toBe("in");
    expect(await letIn(pooler, "ballast_pooler", old["pooler-password"] as string)).not.toBe("in");
    expect(await letIn(server, "ballast_replication", old["replication-password"] as string)).toBe("28P01");
    expect([await whoCalls(central, old["api-key"] as string), await whoCalls(central, insides.secret(central, "api-key"))]).toEqual([
      401, 200,
    ]);
    const config = await insides.inside(`${central}/odoo-web`, ["cat", "/etc/ballast/odoo.conf"]);
    for (const name of ["role-password", "keyspace-password", "master-password"])
      expect([name, config.text.includes(old[name] as string)]).toEqual([name, false]);
    expect(insides.secret("acme/production", "role-password")).toBe(neighbour);
    expect([await plan(), await unwell(), await fleet.isServed("central")]).toEqual([[], [], true]);
    await endsWell(fleet.ballast("journey", fleet.folder, central));
  });

  test("of the superuser of a pool reaches the server, and its tenants go on", async () => {
    const old = insides.secret("pool/everyone", "superuser-password");
    expect(
      (await fleet.ballast("rotate", fleet.folder, "pool/everyone", "--only", "superuser-password", "pooler-password", ...NOW)).code,
    ).toBe(0);
    expect(await letIn("pool/everyone/postgres", "postgres", old)).toBe("28P01");
    expect([await plan(), await unwell(), await fleet.isServed("acme")]).toEqual([[], [], true]);
  });

  test("of an administrator's password is by name, and the new one is where the first one was", async () => {
    const old = fleet.password("acme");
    await endsWell(fleet.ballast("rotate", fleet.folder, "acme/production", "--only", "admin-password", ...NOW));
    expect(fleet.password("acme")).not.toBe(old);
    const tried = JSON.parse((await fleet.signIn("acme", old)).body) as { error?: { data: { name: string } } };
    expect([tried.error?.data.name, await fleet.isServed("acme")]).toEqual(["odoo.exceptions.AccessDenied", true]);
  });

  test("of what a database signs sessions with is by name, ends them, and people sign in again", async () => {
    const signedIn = async () => {
      const { session } = await fleet.signIn("central", fleet.password("central"));
      return async () => {
        const more = { headers: { cookie: session }, body: { jsonrpc: "2.0", params: {} } };
        const { body } = await fleet.ask("central", "/web/session/get_session_info", more);
        return (JSON.parse(body) as { result?: { uid: number } }).result?.uid;
      };
    };
    const secret = async () => {
      const read = "SELECT value FROM ir_config_parameter WHERE key = 'database.secret'";
      return (await insides.asTenant(central, central, (client) => client.query<{ value: string }>(read))).rows[0]?.value;
    };
    const [before, session, plans] = [await secret(), await signedIn(), await plan()];
    expect([await session(), plans]).toEqual([2, []]);
    await endsWell(fleet.ballast("rotate", fleet.folder, central, "--only", "database-secret", ...NOW));
    expect([(await secret()) === before, await session(), await (await signedIn())()]).toEqual([false, undefined, 2]);
    const after = await secret();
    await endsWell(fleet.ballast("rotate", fleet.folder, central, "--only", "api-key"));
    expect([(await secret()) === after, await plan(), await unwell()]).toEqual([true, [], []]);
  });

  test("of certificate, authority, token and sealing key leaves nobody closed out", async () => {
    const before = ["ca.pem", "api.token", "sealing.key"].map((name) => readFileSync(join(installation.root, name), "utf8"));
    await endsWell(fleet.ballast("rotate", fleet.folder, "--only", "authority", "certificate", "api-token", "sealing-key"));
    const after = ["ca.pem", "api.token", "sealing.key"].map((name) => readFileSync(join(installation.root, name), "utf8"));
    expect(after.map((text, index) => text === before[index])).toEqual([false, false, false]);
    expect([await plan(), await unwell(), await fleet.isServed("acme")]).toEqual([[], [], true]);
    const { url } = JSON.parse(readFileSync(installation.serverFile, "utf8")) as { url: string };
    const asked = await fetch(`${url}/v1/status`, { headers: { authorization: `bearer ${before[1]?.trim()}` } });
    expect(asked.status).toBe(401);
    await endControlPlane(installation);
    await endsWell(fleet.ballast("up", fleet.folder, "--yes"));
    expect(await unwell()).toEqual([]);
  });
});

describe("a lost sealing key", () => {
  test("stops no tenant; the control plane says what is missing and does not start without it", async () => {
    await endControlPlane(installation);
    renameSync(installation.keyFile, `${installation.keyFile}.away`);
    const up = await fleet.ballast("up", fleet.folder, "--yes");
    expect([up.code, up.err]).toEqual([4, expect.stringContaining("BAL-S010")]);
    expect([existsSync(installation.keyFile), await fleet.isServed("acme")]).toEqual([false, true]);
    renameSync(`${installation.keyFile}.away`, installation.keyFile);
    await endsWell(fleet.ballast("up", fleet.folder, "--yes"));
    expect(await plan()).toEqual([]);
  });

  test("that is gone for good is answered with new secrets everywhere", async () => {
    const old = insides.secret("acme/production", "role-password");
    await endControlPlane(installation);
    rmSync(installation.keyFile);
    const given = await fleet.ballast("rotate", fleet.folder, "--lost-key", ...NOW);
    expect([given.code, given.err]).toEqual([0, expect.any(String)]);
    expect(await letIn("pool/everyone/postgres", "acme_production", old, "acme_production")).toBe("28P01");
    expect([await plan(), await unwell(), await fleet.isServed("acme"), await fleet.isServed("central")]).toEqual([[], [], true, true]);
  });
});

describe("a lost store", () => {
  test("makes no stranger of what runs: it is adopted by its labels, with its data, and gets new secrets", async () => {
    const mark = "CREATE TABLE IF NOT EXISTS kept_mark AS SELECT 'still here' AS words";
    await insides.asTenant("acme/production", "pool/everyone", (client) => client.query(mark));
    const container = (await (await insides.container("acme/production/odoo")).inspect()).Config.Labels["ballast.instance"];
    await endControlPlane(installation);
    rmSync(installation.postgres, { recursive: true });
    const refused = await fleet.ballast("up", fleet.folder, "--yes");
    expect([refused.code, refused.err, await fleet.isServed("acme")]).toEqual([4, expect.stringContaining("BAL-S007"), true]);
    await fleet.ballast("up", fleet.folder, "--yes", "--lost-store");
    const now = await fleet.ballast("apply", fleet.folder, ...NOW);
    expect([now.code, now.err]).toEqual([0, expect.any(String)]);
    expect((await (await insides.container("acme/production/odoo")).inspect()).Config.Labels["ballast.instance"]).toBe(container);
    const kept = await insides.asTenant(
      "acme/production",
      "pool/everyone",
      async (client) => (await client.query("SELECT words FROM kept_mark")).rows,
    );
    expect([kept, await plan(), await unwell(), await fleet.isServed("acme")]).toEqual([[{ words: "still here" }], [], [], true]);
    const { out } = await fleet.ballast("status", fleet.folder, "--json");
    expect((JSON.parse(out) as FleetStatus).stacks.map((one) => one.stack).sort()).toEqual([
      "acme/production",
      central,
      "platform/here",
      "pool/everyone",
    ]);
  });
});
