import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import { attackSuite } from "../support/attacks.ts";
import { crossingSuite } from "../support/crossings.ts";
import { ended, output, until } from "../support/docker-bench.ts";
import { PACKAGE_ROOT } from "../support/docker-installation.ts";
import { insidesOf } from "../support/fleet-insides.ts";
import { hardenedSuite } from "../support/hardened.ts";
import { isolationSuite, keyspaceSuite } from "../support/isolation.ts";
import { jobSuite } from "../support/jobs.ts";
import { endsWell, launchedFleet, type Ran } from "../support/launched-fleet.ts";
import { connectAs } from "../support/postgres-probe.ts";
import { reportSuite } from "../support/reports.ts";
import { serverSuite } from "../support/servers.ts";
import { sessionSuite } from "../support/sessions.ts";
import { openWebsocket } from "../support/websocket.ts";

/** The example of a distributor under another name: three who share a runtime, and a central warehouse in roles with servers of its own. */
const fleet = launchedFleet("regional");
const insides = insidesOf(fleet);
const FLEET = readFileSync(join(PACKAGE_ROOT, "examples/regional-distributor/fleet.yaml"), "utf8")
  .replace("name: nordwind }", `name: ${fleet.name} }`)
  .replace("nordwind.localhost", `${fleet.name}.localhost`);
const environment = "central/production";
const staging = "central/staging";
const subject = { fleet, insides, environment, series: "19.0" } as const;
const ENVIRONMENTS = ["bremen/production", environment, staging, "hamburg/production", "kiel/production"];

/** One of the pool, and the warehouse of its own. */
const WHOLE = new Set(["bremen/production", "central/production"]);

let up: Ran;
beforeAll(async () => {
  fleet.declare(FLEET);
  up = await fleet.ballast("up", fleet.folder, "--yes");
});
afterAll(() => fleet.remove());

describe("the whole fleet", () => {
  test("one up brings every environment; one of each template runs its whole journey, the others answer", () => {
    const journeys = up.err.split("\n").filter((line) => line.includes("journey ") && line.includes("passed"));
    expect([up.code, journeys.sort()]).toEqual([
      0,
      ENVIRONMENTS.map((address) => `✔ journey ${address}  ${WHOLE.has(address) ? 8 : 2} steps passed`),
    ]);
  });

  test("a second up changes nothing, and every stack serves", async () => {
    const again = await fleet.ballast("up", fleet.folder, "--yes");
    const plan = await fleet.ballast("plan", fleet.folder, "--exit-code");
    const words = "nothing differs: 5 environments, 1 pool and 1 platform are as declared";
    expect([again.code, plan.code, plan.out.split("\n")[0]]).toEqual([0, 0, words]);
    const status = await fleet.ballast("status", fleet.folder, "--json");
    const { data } = JSON.parse(status.out) as { data?: unknown };
    const { stacks } = (data ?? JSON.parse(status.out)) as { stacks: { stack: string; state: string }[] };
    expect([status.code, stacks.map(({ stack, state }) => `${stack} ${state}`).sort()]).toEqual([
      0,
      [...ENVIRONMENTS, "platform/here", "pool/subsidiaries"].sort().map((stack) => `${stack} serving`),
    ]);
  });
});

describe("isolation on Odoo 19", () => {
  const own = [environment, staging].map((address) => ({ environment: address, servers: address }));
  const pooled = ["bremen", "hamburg", "kiel"].map((name) => ({ environment: `${name}/production`, servers: "pool/subsidiaries" }));
  isolationSuite({ fleet, insides, tenancies: [...own, ...pooled] });
  crossingSuite(fleet);
  keyspaceSuite({ fleet, insides, tenancies: own.slice(0, 1) });
  hardenedSuite(fleet, ["egress", "ingress", "mailbox", "odoo", "pooler", "postgres", "redis", "replica"]);
});

describe("sessions on Odoo 19", () => {
  sessionSuite(subject);
});

describe("queued jobs on Odoo 19", () => {
  jobSuite(subject);
});

describe("reports on Odoo 19", () => {
  reportSuite(subject);
});

test("a browser's websocket is answered by its own container, with what a web process sent, long before it would ask again", async () => {
  const { session } = await fleet.signIn(environment, fleet.password(environment));
  const socket = await openWebsocket(fleet.entrance(environment), fleet.host(environment), "/websocket", session);
  try {
    expect(socket.status).toBe(101);
    socket.send({ event_name: "subscribe", data: { channels: [], last: 0 } });
    const odoo = await insides.rpc(environment, "19.0");
    const domain = [["user_id", "=", 2]];
    const [known] = await odoo.call<{ id: number }[]>("res.users.settings", "search_read", { domain, fields: ["id"] });
    const id = known?.id ?? (await odoo.call<number[]>("res.users.settings", "create", { vals_list: [{ user_id: 2 }] }))[0];
    let open = false;
    // By itself it would ask the database again after 50 s. What is sent before the subscription is through is sent again.
    await until("the notification", 20, async () => {
      open = !open;
      const new_settings = { is_discuss_sidebar_category_chat_open: open };
      await odoo.call("res.users.settings", "set_res_users_settings", { ids: [id], new_settings });
      await sleep(300);
      return socket.received.some((text) => text.includes("res.users.settings")) ? true : undefined;
    });
  } finally {
    socket.close();
  }
  // Its server writes the line when the connection ends, in a form of its own.
  await until("the line in the log of the websocket's container", 20, async () => {
    const log = await output(await insides.container(`${environment}/odoo-websocket`));
    return log.includes('"GET /websocket HTTP/1.1" 101') ? true : undefined;
  });
});

describe("the servers of the central warehouse", () => {
  serverSuite(subject);
});

describe("staging of the central warehouse", () => {
  test("has a server that does not start with data of another epoch than the one in force, and says why", async () => {
    const server = await insides.container(`${staging}/postgres`);
    const mounted = (await server.inspect()).Mounts.find((mount) => mount.Destination === "/run/ballast")?.Source ?? "";
    await server.stop({ t: 20 });
    writeFileSync(join(mounted, "epoch"), "2\n");
    await server.start();
    expect(await ended(server)).toMatchObject({
      exit: 64,
      text: expect.stringContaining("the data are of epoch 1 and epoch 2 is in force: another server took over meanwhile"),
    });
    await endsWell(fleet.ballast("apply", fleet.folder));
    await until("staging served again", 60, async () => ((await fleet.isServed(staging)) ? true : undefined));
  });

  test("keeps its mail to itself: what Odoo sends is caught and told in the log", async () => {
    const odoo = await insides.rpc(staging, "19.0");
    const mail = {
      subject: "Your pallets",
      body_html: "<p>five</p>",
      email_from: "wms@nordwind.example",
      email_to: "somebody@elsewhere.example",
    };
    const ids = await odoo.call<number[]>("mail.mail", "create", { vals_list: [mail] });
    await odoo.call("mail.mail", "send", { ids });
    const line = await until("the mail in the log", 20, async () => {
      const logs = await fleet.ballast("logs", `${staging}/mailbox`, "--fleet", fleet.name);
      return logs.out.split("\n").find((one) => one.includes("Your pallets"));
    });
    expect(JSON.parse(line.slice(line.indexOf("{")))).toMatchObject({ to: ["somebody@elsewhere.example"], subject: "Your pallets" });
  });

  test("runs no scheduled action but the one that tidies up", async () => {
    const active = await insides.asTenant(staging, staging, async (client) => {
      return (await client.query<{ name: string }>("SELECT cron_name AS name FROM ir_cron WHERE active")).rows;
    });
    expect(active.map((row) => row.name)).toEqual(["Base: Auto-vacuum internal data"]);
  });

  test("reaches no server of production and holds none of its passwords", async () => {
    const script =
      "import socket,sys\nfor a in sys.argv[1:]:\n  h,p=a.split(':')\n  try: socket.create_connection((h,int(p)),2); print(a,'reached')\n  except OSError: print(a,'out of reach')";
    const address = async (node: string, port: number) => `${await insides.address(`${environment}/${node}`)}:${port}`;
    const far = [
      await address("postgres", 5432),
      await address("pooler", 6432),
      await address("redis", 6379),
      await address("odoo-web", 8069),
    ];
    const near = `${await insides.address(`${staging}/postgres`)}:5432`;
    const { text } = await insides.inside(`${staging}/odoo`, ["python3", "-I", "-c", script, ...far, near]);
    expect(text.trim().split("\n")).toEqual([...far.map((one) => `${one} out of reach`), `${near} reached`]);
    const password = insides.secret(environment, "role-password");
    const search = `grep -rlF '${password}' /etc /run /var/lib/odoo /tmp 2>/dev/null; env | grep -cF '${password}'`;
    expect((await insides.inside(`${staging}/odoo`, ["sh", "-c", search])).text.trim()).toBe("0");
    const own = insides.secret(staging, "role-password");
    const host = await insides.address(`${environment}/postgres`);
    expect(await connectAs("central_staging", "central_production", own, host)).toContain("password authentication failed");
  });
});

describe("a tenant with a quota", () => {
  test("cannot hold more memory than it has, and nobody beside it notices", async () => {
    const odoo = await insides.container("kiel/production/odoo");
    const { HostConfig: host, Image: image } = await odoo.inspect();
    const group = host.CgroupParent ?? "";
    const greedy = await dockerClient().createContainer({
      Image: image,
      Entrypoint: ["python3", "-I", "-c", "x = b'x' * (1400 << 20)"],
      Labels: { "ballast.test": fleet.name },
      NetworkDisabled: true,
      HostConfig: { CgroupParent: group, AutoRemove: false },
    });
    try {
      await greedy.start();
      expect((await ended(greedy)).exit).toBe(137);
    } finally {
      await greedy.remove({ force: true });
    }
    expect([await fleet.isServed("kiel/production"), await fleet.isServed("hamburg/production")]).toEqual([true, true]);
  });

  test("is bound by a quota with the limits that it declares", async () => {
    const { HostConfig: host } = await (await insides.container("kiel/production/odoo")).inspect();
    const limit = (controller: string, file: string) => {
      const classic = join("/sys/fs/cgroup", controller, host.CgroupParent ?? "", file);
      return existsSync(classic) ? readFileSync(classic, "utf8").trim() : "";
    };
    const unified = join("/sys/fs/cgroup", host.CgroupParent ?? "", "cpu.max");
    const seen = existsSync(unified)
      ? [readFileSync(unified, "utf8").trim(), readFileSync(join(unified, "../memory.max"), "utf8").trim()]
      : [`${limit("cpu", "cpu.cfs_quota_us")} ${limit("cpu", "cpu.cfs_period_us")}`, limit("memory", "memory.limit_in_bytes")];
    expect(seen).toEqual(["20000 20000", String(1024 ** 3)]);
  });

  test("gets no more connections than were counted for it, while its neighbour gets its own", async () => {
    const server = "pool/subsidiaries/postgres";
    const host = await insides.address(server);
    const login = (user: string, address: string) => ({ host, user, database: user, password: insides.secret(address, "role-password") });
    const open: pg.Client[] = [];
    let refusal = "";
    try {
      while (refusal === "" && open.length < 60) {
        const client = new pg.Client(login("kiel_production", "kiel/production"));
        client.on("error", () => undefined);
        await client.connect().then(
          () => open.push(client),
          (error: Error) => (refusal = error.message),
        );
      }
      expect([refusal, open.length <= 37]).toEqual(['too many connections for role "kiel_production"', true]);
      const neighbour = login("hamburg_production", "hamburg/production");
      expect(await connectAs(neighbour.user, neighbour.database, neighbour.password, host)).toBe("connected");
    } finally {
      await Promise.all(open.map((client) => client.end()));
    }
  });
});

describe("attacks on an isolated environment in roles", () => {
  attackSuite({ fleet, insides, tenant: environment, victims: [staging, "hamburg/production"], series: "19.0" });
});

describe("attacks on the staging beside it", () => {
  attackSuite({ fleet, insides, tenant: staging, victims: [environment], series: "19.0" });
});
