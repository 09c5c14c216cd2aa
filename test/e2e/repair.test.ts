import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FleetStatus } from "../../src/api/contract/contract.ts";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import { DAMAGES, damage } from "../support/damage.ts";
import { until } from "../support/docker-bench.ts";
import { insidesOf } from "../support/fleet-insides.ts";
import { document, ground } from "../support/fleet-text.ts";
import { endsWell, launchedFleet } from "../support/launched-fleet.ts";

/** What a look and a repair may take. */
const REPAIRED_SECONDS = 120;
const docker = dockerClient();
const fleet = launchedFleet("repair");
const insides = insidesOf(fleet);
const ODOO = "acme/production/odoo";
const ENVIRONMENTS = "{ production: { hosting: shared, pool: everyone, quotas: { cpus: 1.5, memory: 2Gi } } }";
const FLEET = [
  ...ground(fleet.name),
  document("Integration", "carrier", "{ type: carrier, url: 'https://carrier.fake.example:8443' }"),
  document(
    "Tenant",
    "acme",
    `{ owner: { name: Operations, email: ops@acme.example }, calendar: office, integrations: [carrier], environments: ${ENVIRONMENTS} }`,
  ),
].join("---\n");

beforeAll(async () => {
  fleet.declare(FLEET);
  const up = await fleet.ballast("up", fleet.folder, "--yes");
  if (up.code !== 0) throw new Error(up.err);
});
afterAll(async () => {
  await fleet.remove();
});

async function stack(id: string): Promise<FleetStatus["stacks"][number]> {
  const { out } = await fleet.ballast("status", fleet.folder, "--json");
  const found = (JSON.parse(out) as FleetStatus).stacks.find((one) => one.stack === id);
  if (found === undefined) throw new Error(`no stack ${id} in ${out}`);
  return found;
}

async function untilServing(id: string): Promise<void> {
  await until(`${id} serving without drift`, 120, async () => {
    const { state, drift, changing } = await stack(id);
    return state === "serving" && drift.length === 0 && changing === undefined ? true : undefined;
  });
}

/** What a browser of today would not offer: a suite of CBC, or a name that nobody has. */
function handshake(how: { readonly ciphers?: string; readonly servername?: string }): Promise<string> {
  const { address, port, ca } = fleet.entrance("acme");
  return new Promise((resolve) => {
    const socket = connect({
      host: address,
      port,
      ca,
      servername: fleet.host("acme"),
      maxVersion: "TLSv1.2",
      rejectUnauthorized: false,
      ...how,
    });
    socket.setTimeout(5000, () => socket.destroy(new Error("silent")));
    socket.once("error", () => resolve("refused"));
    socket.once("secureConnect", () => {
      resolve(socket.getCipher().name);
      socket.destroy();
    });
  });
}

const CBC = "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:AES128-SHA:@SECLEVEL=0";
const strict = async () => [await handshake({ ciphers: CBC }), await handshake({ servername: "nobody.example" })];

test("no container opens a socket that leads past the firewall, and all do their work", async () => {
  const script = 'for my $f (40, 38, 17, 2) { print "$f ", (socket(my $s, $f, $f == 38 ? 5 : 1, 0) ? "open" : $! + 0), "; " }';
  const own = await docker.listContainers({ filters: { label: [`ballast.fleet=${fleet.name}`] } });
  const kinds = new Set(own.map((one) => one.Labels["ballast.kind"]));
  expect(kinds).toEqual(new Set(["egress", "ingress", "odoo", "pooler", "postgres"]));
  for (const one of own) {
    const node = one.Labels["ballast.node"] ?? "";
    const { text } = await insides.inside(node, ["perl", "-e", script]);
    expect([node, text.trim()]).toEqual([node, "40 1; 38 1; 17 1; 2 open;"]);
  }
  expect(await fleet.isServed("acme")).toBe(true);
});

test("TLS options that are lost or weakened are written again at once, and nothing restarts", async () => {
  const options = join(fleet.installation.root, "ingress", "00-options.yaml");
  const ingress = await insides.container("platform/here/ingress");
  const startedAt = async () => (await ingress.inspect()).State.StartedAt;
  const [before, text] = [await startedAt(), readFileSync(options, "utf8")];
  const repaired = async () =>
    await until("the options written again", REPAIRED_SECONDS, async () =>
      existsSync(options) && readFileOr(options) === text && (await strict()).every((one) => one === "refused") ? true : undefined,
    );
  expect(await strict()).toEqual(["refused", "refused"]);
  for (const how of DAMAGES) {
    damage(options, how);
    await repaired();
  }
  writeFileSync(options, JSON.stringify({ tls: { options: { default: { sniStrict: false } } } }));
  // It is heeded: what the test repairs is a hole, and not a file that nobody reads.
  await until("an old suite accepted", 10, async () => ((await handshake({ ciphers: CBC })) === "refused" ? undefined : true));
  await repaired();
  expect(await startedAt()).toBe(before);
  expect(readdirSync(join(options, "..")).filter((name) => name.includes("not-a-file"))).toEqual([]);
  rmSync(join(fleet.installation.root, "set-aside"), { recursive: true, force: true });
});

function readFileOr(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

test("a file that somebody adds for the ingress is reported, and left alone", async () => {
  const added = join(fleet.installation.root, "ingress", "zz-somebody.yaml");
  writeFileSync(added, "{}\n");
  await until("the file reported", REPAIRED_SECONDS, async () => {
    const { drift } = await stack("platform/here");
    return drift.some(({ kind, says }) => kind === "foreign" && says.includes(added)) ? true : undefined;
  });
  expect(existsSync(added)).toBe(true);
  rmSync(added);
});

test("the authority's certificate that is lost is written again", async () => {
  const path = join(fleet.installation.root, "ca.pem");
  const before = readFileSync(path, "utf8");
  damage(path, "empty");
  await until("the certificate written again", REPAIRED_SECONDS, async () => (readFileOr(path) === before ? true : undefined));
  expect(await fleet.isServed("acme")).toBe(true);
});

test("a container that is paused goes on, and is not recreated", async () => {
  const odoo = await insides.container(ODOO);
  const { Id: id, State: before } = await odoo.inspect();
  await odoo.pause();
  await until("the container going on", REPAIRED_SECONDS, async () => ((await odoo.inspect()).State.Paused ? undefined : true));
  await untilServing("acme/production");
  const after = await (await insides.container(ODOO)).inspect();
  expect([after.Id, after.State.StartedAt]).toEqual([id, before.StartedAt]);
});

test("a process that ends again and again does not read as serving", async () => {
  const odoo = await insides.container(ODOO);
  for (let turn = 0; turn < 3; turn++) {
    await insides.crash(ODOO);
    await until("its next start", 30, async () => ((await odoo.inspect()).State.Running ? true : undefined));
  }
  const { state, drift } = await stack("acme/production");
  expect(state).not.toBe("serving");
  expect(drift.map(({ node, kind, says }) => [node, kind, /ended|Restarting/.test(says)])).toContainEqual([ODOO, "failing", true]);
  await untilServing("acme/production");
});

test("a quota that somebody loosens is put back, goes with down, and is there again before what it bounds", async () => {
  const { HostConfig } = await (await insides.container(ODOO)).inspect();
  const classic = join("/sys/fs/cgroup/cpu", HostConfig.CgroupParent ?? "", "cpu.cfs_quota_us");
  const file = existsSync(classic) ? classic : join("/sys/fs/cgroup", HostConfig.CgroupParent ?? "", "cpu.max");
  const limit = readFileSync(file, "utf8");
  expect(limit).toContain("30000");
  writeFileSync(file, file === classic ? "-1" : "max");
  await until("the limit put back", REPAIRED_SECONDS, async () => (readFileOr(file) === limit ? true : undefined));
  await endsWell(fleet.ballast("down", fleet.folder, "--confirm", fleet.name, "--reason", "test"));
  expect(existsSync(file)).toBe(false);
  await endsWell(fleet.ballast("up", fleet.folder, "--yes"));
  expect(readFileSync(file, "utf8")).toBe(limit);
  await untilServing("acme/production");
});

/** By hand, as somebody would who tidies up. */
async function removeNetworks(...filters: readonly string[]): Promise<number> {
  const found = await docker.listNetworks({ filters: { label: [`ballast.fleet=${fleet.name}`, ...filters] } });
  for (const one of found) await docker.getNetwork(one.Id).remove();
  return found.length;
}

test("what is stopped comes up again though networks that it was in are gone: a tenant's, and a proxy's", async () => {
  await endsWell(fleet.ballast("down", fleet.folder, "--confirm", fleet.name, "--reason", "test"));
  expect(await removeNetworks("ballast.stack=acme/production", "ballast.kind=boundary")).toBe(1);
  expect(await removeNetworks("ballast.outward")).toBe(1);
  await endsWell(fleet.ballast("up", fleet.folder, "--yes"));
  expect(await fleet.isServed("acme")).toBe(true);
  await untilServing("pool/everyone");
  await untilServing("platform/here");
});
