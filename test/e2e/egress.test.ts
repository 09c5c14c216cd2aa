import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FleetStatus } from "../../src/api/contract/contract.ts";
import { dockerClient, imagesFolder, openImageStore } from "../../src/app/machine/machine-engine.ts";
import { OUTWARD_LABEL } from "../../src/engines/docker/network/egress/outward.ts";
import { CHAINS } from "../../src/engines/docker/network/firewall/rules.ts";
import { until } from "../support/docker-bench.ts";
import { PACKAGE_ROOT } from "../support/docker-installation.ts";
import { egressFleet } from "../support/egress-fleet.ts";
import { type FakeCarrier, fakeCarrier } from "../support/fake-carrier.ts";
import { insidesOf } from "../support/fleet-insides.ts";
import { endsWell, launchedFleet } from "../support/launched-fleet.ts";
import { storeDump } from "../support/postgres-probe.ts";

/** What a look may take until a try is told. */
const SEEN_SECONDS = 40;
const RANGE = "10.221.7.0/28";
const NAMES = ["carrier.fake.example", "sandbox.fake.example", "market.fake.example"];

const docker = dockerClient();
const fleet = launchedFleet("egress");
const insides = insidesOf(fleet);
let carrier: FakeCarrier;
const FLEET = egressFleet(fleet.name, RANGE);

/** Of beta's staging no integration has a sandbox: it has no egress at all. */
const PROXIES = ["acme/production/egress", "acme/staging/egress", "beta/production/egress"];

beforeAll(async () => {
  const imageStore = await openImageStore(docker, imagesFolder(PACKAGE_ROOT), "/var/lib/ballast/.cache");
  fleet.declare(FLEET);
  await endsWell(fleet.ballast("up", fleet.folder, "--yes"));
  const { imageId } = await imageStore.resolve(await imageOf("acme/staging/mailbox"), () => undefined, AbortSignal.timeout(60_000));
  carrier = await fakeCarrier(docker, imageId, RANGE, NAMES);
  await carrier.open(fleet.name);
});
afterAll(async () => {
  await carrier?.remove();
  await fleet.remove();
});

async function imageOf(node: string): Promise<string> {
  const { Config } = await (await insides.container(node)).inspect();
  return (JSON.parse(Config.Labels["ballast.declared"] ?? "{}") as { spec: { image: string } }).spec.image;
}

async function ownContainers() {
  return await docker.listContainers({ filters: { label: [`ballast.fleet=${fleet.name}`] } });
}

/** Calls somebody as an addon would: Python's requests, with the environment that the container has. */
async function call(environment: string, url: string): Promise<string> {
  const script = `
import requests, sys
open("/tmp/authority.pem", "w").write(sys.argv[2])
try:
    answer = requests.get(sys.argv[1], timeout=20, verify="/tmp/authority.pem")
    print(answer.status_code, answer.text[:200])
except Exception as error:
    print(error)
`;
  return (await insides.inside(`${environment}/odoo`, ["python3", "-c", script, url, carrier.authority])).text.trim();
}

/** Opens a connection from inside a container; what it says when it fails. */
async function connects(node: string, host: string, port: number): Promise<string> {
  const { exit, text } = await insides.inside(node, ["timeout", "4", "bash", "-c", `exec 3<>/dev/tcp/${host}/${port} && echo open`]);
  return text.includes("open") ? "open" : `closed${exit === 124 ? " after a wait" : ""}`;
}

/** The rules of a table, in their order; empty where there is none. */
function chainsOf(table: string): string {
  const told = (chain: string) => spawnSync("nft", ["--stateless", "list", "chain", "inet", table, chain]).stdout.toString();
  return CHAINS.map(told).join("");
}

async function status(): Promise<FleetStatus> {
  return JSON.parse((await fleet.ballast("status", fleet.folder, "--json")).out) as FleetStatus;
}

async function untilTried(stack: string, source: string, target: string): Promise<void> {
  await until(`${source} of ${stack} seen to try ${target}`, SEEN_SECONDS, async () => {
    const { tried = [] } = (await status()).stacks.find((one) => one.stack === stack) ?? {};
    return tried.some((one) => one.source === source && one.target === target && one.times > 0) ? true : undefined;
  });
  const written = await storeDump(fleet.installation.postgres);
  expect(written).toContain(`${source} was denied egress to ${target}`);
}

test("a declared host answers from inside Odoo, each environment at the address that is declared for it", async () => {
  expect(await call("acme/production", "https://carrier.fake.example:8443/api")).toBe(
    "200 fake carrier answers for carrier.fake.example:8443",
  );
  expect(await call("acme/staging", "https://sandbox.fake.example:8443/api")).toBe(
    "200 fake carrier answers for sandbox.fake.example:8443",
  );
  expect(await call("beta/production", "https://market.fake.example:8443/")).toBe("200 fake carrier answers for market.fake.example:8443");
});

test("what belongs to another tenant or to production is refused, and seen", async () => {
  expect(await call("beta/production", "https://carrier.fake.example:8443/api")).toContain("403 Forbidden");
  expect(await call("acme/staging", "https://carrier.fake.example:8443/api")).toContain("403 Forbidden");
  await untilTried("acme/staging", "odoo", "carrier.fake.example:8443");
  await untilTried("beta/production", "odoo", "carrier.fake.example:8443");
});

test("an undeclared host, another port of a declared one and plain HTTP are refused, and seen by name", async () => {
  expect(await call("acme/production", "https://undeclared.example/")).toContain("403 Forbidden");
  expect(await call("acme/production", "https://carrier.fake.example/")).toContain("403 Forbidden");
  expect(await call("acme/production", "http://carrier.fake.example:8443/")).toMatch(/^403 /);
  await untilTried("acme/production", "odoo", "undeclared.example:443");
  await untilTried("acme/production", "odoo", "carrier.fake.example:443");
});

test("a public name that leads to a private address is refused unless its network is declared", async () => {
  expect(await call("acme/production", "https://carrier.fake.example:9443/")).toContain("403 Forbidden");
});

test("many tries at one host are one line of the ledger an hour, and all of them are counted", async () => {
  for (let turn = 0; turn < 5; turn++) await call("acme/production", "https://flood.example/");
  await until("five tries counted", SEEN_SECONDS, async () => {
    const { tried = [] } = (await status()).stacks.find((one) => one.stack === "acme/production") ?? {};
    return tried.find((one) => one.target === "flood.example:443")?.times === 5 ? true : undefined;
  });
  const lines = (await storeDump(fleet.installation.postgres)).match(/odoo was denied egress to flood\.example:443/g) ?? [];
  expect(lines.length).toBeLessThanOrEqual(2);
});

test("going past the proxy fails at once, and is seen", async () => {
  expect(await connects("acme/production/odoo", carrier.address, 8443)).toBe("closed");
  expect(await connects("acme/production/odoo", "198.51.100.7", 443)).toBe("closed");
  await untilTried("acme/production", "something in it", "an address outside of its network");
});

test("an environment without a sandbox has no proxy, no word of one, and no egress", async () => {
  const names = (await ownContainers()).map((one) => one.Labels["ballast.node"]).filter((node) => node?.endsWith("/egress"));
  expect(new Set(names)).toEqual(new Set(PROXIES));
  expect((await insides.inside("beta/staging/odoo", ["env"])).text.toLowerCase()).not.toContain("proxy");
  expect(await connects("beta/staging/odoo", carrier.address, 8443)).toBe("closed");
  expect(await call("beta/staging", "https://market.fake.example:8443/")).not.toMatch(/^200/);
});

test("no container but the proxies asks for names outside, and each knows those of its own network", async () => {
  for (const one of await ownContainers()) {
    const { HostConfig: host } = await docker.getContainer(one.Id).inspect();
    const asksOutside = PROXIES.includes(one.Labels["ballast.node"] ?? "");
    expect([one.Names[0], host.Dns ?? []]).toEqual([one.Names[0], asksOutside ? [] : ["127.0.0.1"]]);
  }
  const resolve = async (name: string) => (await insides.inside("acme/production/odoo", ["getent", "hosts", name])).exit;
  expect([await resolve("deb.debian.org"), await resolve("odoo"), await resolve("postgres.everyone.pool")]).toEqual([2, 0, 0]);
});

test("the proxy of another tenant cannot be reached, by its name or by any of its addresses", async () => {
  const { NetworkSettings: settings } = await (await insides.container("beta/production/egress")).inspect();
  const networks = await docker.listNetworks({ filters: { label: [`ballast.fleet=${fleet.name}`, "ballast.stack=beta/production"] } });
  const inner = networks.find(({ Labels: labels }) => labels?.["ballast.node"] === "beta/production/boundary")?.Name;
  const outward = networks.find(({ Labels: labels }) => labels?.[OUTWARD_LABEL] === "beta/production/egress")?.Name;
  // That of its environment and its own egress, and no other one.
  expect(new Set(Object.keys(settings.Networks))).toEqual(new Set([inner, outward]));
  for (const place of ["egress.production.beta", ...Object.values(settings.Networks).map((one) => one.IPAddress)]) {
    expect([place, await connects("acme/production/odoo", place, 3128)]).toEqual([place, expect.stringMatching(/^closed/)]);
  }
  expect(await connects("acme/production/odoo", "egress", 3128)).toBe("open");
});

test("nothing of the machine is reached from any container, and who tries is seen", async () => {
  const server = createServer((socket) => socket.end("hello")).listen(0, "0.0.0.0");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const own = Object.values(networkInterfaces())
    .flat()
    .filter((one) => one?.family === "IPv4" && !one.internal);
  try {
    for (const container of await ownContainers()) {
      const node = container.Labels["ballast.node"] ?? "";
      const gateways = Object.values(container.NetworkSettings.Networks).map((network) => network.Gateway);
      const places = new Set([...gateways, own[0]?.address ?? ""].filter((place) => place !== "" && !place.startsWith("10.221.")));
      for (const place of places) expect([node, place, await connects(node, place, port)]).toEqual([node, place, "closed"]);
    }
  } finally {
    server.close();
  }
  await untilTried("acme/production", "something in it", "this machine");
  await untilTried("pool/everyone", "something in it", "this machine");
});

test("what a tenant sends inside its network takes no place in the machine's table of connections, and its own connections go on", async () => {
  const taken = () => Number(readFileSync("/proc/sys/net/netfilter/nf_conntrack_count", "utf8"));
  // To a closed port of a neighbour in its network, and to everybody there: 5,000 connections for whoever counts them.
  const script = `
import socket, sys
address = socket.gethostbyname("egress")
for port in range(20000, 25000):
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.bind(("", port))
    for target in (address, "224.0.0.5"):
        try: out.sendto(b"x", (target, 9999))
        except OSError: pass
    out.close()
print("sent")`;
  const before = taken();
  expect((await insides.inside("acme/production/odoo", ["python3", "-c", script])).text).toContain("sent");
  expect(taken() - before).toBeLessThan(1000);
  expect((await fleet.ask("acme", "/web/login")).status).toBe(200);
});

test("of the machine's users only root reaches containers directly; who comes by the ingress is let in", async () => {
  const place = `/dev/tcp/${await insides.address("pool/everyone/postgres")}/5432`;
  const attempt = (user: string[]) => spawnSync("setpriv", [...user, "timeout", "4", "bash", "-c", `exec 3<>${place}`]).status;
  expect([attempt(["--reuid=0"]), attempt(["--reuid=65534", "--clear-groups"])]).toEqual([0, 1]);
  const ingress = `/dev/tcp/127.0.0.1/${fleet.entrance("acme").port}`;
  const nobody = ["--reuid=65534", "--clear-groups", "timeout", "4", "bash", "-c", `exec 3<>${ingress}`];
  expect(spawnSync("setpriv", nobody).status).toBe(0);
});

test("a report that calls Odoo back is made, whatever the proxy", async () => {
  const made = await insides.inside("acme/production/odoo", [
    "sh",
    "-c",
    "wkhtmltopdf -q http://127.0.0.1:8069/web/login /tmp/page.pdf; head -c 5 /tmp/page.pdf",
  ]);
  expect(made.text).toContain("%PDF-");
});

test("a rule that somebody replaced, and a table that somebody deleted, are put back, and the ledger says so", async () => {
  const { Config } = await (await insides.container("acme/production/odoo")).inspect();
  const table = `ballast_${Config.Labels["ballast.instance"] ?? ""}`;
  const nft = (...words: string[]) => execFileSync("nft", words).toString();
  const wanted = chainsOf(table);
  const repaired = () => until("the rules put back", SEEN_SECONDS, async () => (chainsOf(table) === wanted ? true : undefined));
  const outward = async () => await connects("acme/production/odoo", "198.51.100.7", 443);

  const refusal = /iifname "\S+" oifname != "\S+" ct state .* # handle (\d+)/.exec(
    nft("--handle", "list", "chain", "inet", table, "forward"),
  );
  nft("replace", "rule", "inet", table, "forward", "handle", refusal?.[1] ?? "", "accept");
  expect(chainsOf(table)).not.toBe(wanted);
  await repaired();
  expect(await outward()).toBe("closed");

  nft("delete", "table", "inet", table);
  await repaired();
  expect(await outward()).toBe("closed");
  await until("a line in the ledger", SEEN_SECONDS, async () => {
    const text = await storeDump(fleet.installation.postgres);
    return text.includes("chain forward: 1 of its lines missing, 1 not ours") && text.includes("the table is missing") ? true : undefined;
  });
});

test("an allow-list that changed is in force after an apply, and Odoo runs on", async () => {
  const started = async () => (await (await insides.container("beta/production/odoo")).inspect()).State.StartedAt;
  const before = await started();
  fleet.declare(FLEET.replace('url: "https://market.fake.example:8443"', 'url: "https://sandbox.fake.example:8443"'));
  await endsWell(fleet.ballast("apply", fleet.folder, "--now", "--reason", "test"));
  expect(await call("beta/production", "https://market.fake.example:8443/")).toContain("403 Forbidden");
  expect(await call("beta/production", "https://sandbox.fake.example:8443/")).toMatch(/^200 /);
  expect(await started()).toBe(before);
});

test("with the fleet go its networks and its rules", async () => {
  const { Config } = await (await insides.container("acme/production/odoo")).inspect();
  const instance = Config.Labels["ballast.instance"] ?? "";
  await endsWell(fleet.ballast("down", fleet.folder, "--delete-data", "--confirm", fleet.name));
  expect(await docker.listNetworks({ filters: { label: [`ballast.fleet=${fleet.name}`] } })).toEqual([]);
  expect(execFileSync("nft", ["list", "tables"]).toString()).not.toContain(instance);
});
