import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compile } from "../../../domain/blueprint/compile.ts";
import { loadFleet } from "../../../domain/fleet/load.ts";
import { type ComposeProject, composeProject } from "./project.ts";

const GOLDEN = join(import.meta.dirname, "../../../domain/fleet/golden/walkthrough.yaml");
const SECRET = "what-nobody-may-see";

interface Project {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly networks: object;
        readonly depends_on?: object;
        readonly volumes: readonly { readonly type: string; readonly source: string }[];
        readonly read_only: boolean;
        readonly cap_drop: readonly string[];
        readonly mem_limit: string;
        readonly healthcheck?: object;
        readonly ports?: readonly object[];
      }
    >
  >;
  readonly networks: Readonly<Record<string, { readonly internal: boolean }>>;
  readonly volumes: object;
}

async function rendered(text = readFileSync(GOLDEN, "utf8")): Promise<ComposeProject> {
  const loaded = loadFleet([{ path: "fleet.yaml", text }], { today: "2026-11-22" });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const images = new Proxy<Record<string, string>>({}, { get: (_, name) => `ballast/${String(name)}:0123456789ab` });
  const compiled = compile(loaded.value, { images, ingress: { address: "127.0.0.1", port: 8443 }, certificateGeneration: 1 });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  const { stacks } = compiled.value;
  const find = (id: string) => [...stacks.values()].flatMap((stack) => stack.nodes).find((node) => node.id === id);
  const vault = { secret: async () => SECRET, certificate: async () => ({ certificate: "PUBLIC", key: SECRET }) };
  return await composeProject("nordwind", { stacks, find, vault });
}

test("whatever a service names is in the project, and each is hardened and limited", async () => {
  const { compose, files } = await rendered();
  const project = compose as Project;
  const services = Object.entries(project.services);
  const paths = new Set(files.map((file) => `./${file.path}`));
  const known = (source: string) => paths.has(source) || [...paths].some((path) => path.startsWith(`${source}/`));
  const lost = services.flatMap(([name, service]) => [
    ...Object.keys(service.networks)
      .filter((network) => !(network in project.networks))
      .map((network) => `${name} network ${network}`),
    ...Object.keys(service.depends_on ?? {})
      .filter((other) => !(other in project.services))
      .map((other) => `${name} needs ${other}`),
    ...service.volumes
      .filter(({ type, source }) => (type === "bind" ? !known(source) : !(source in project.volumes)))
      .map(({ source }) => `${name} mounts ${source}`),
    ...(service.read_only && service.cap_drop[0] === "ALL" && /^\d+m$/.test(service.mem_limit) ? [] : [`${name} is soft`]),
  ]);
  expect(services.length).toBeGreaterThan(20);
  expect(lost).toEqual([]);
});

test("only the ingress is published, on its own address; no network leads out but its own and those of proxies", async () => {
  const project = (await rendered()).compose as Project;
  const published = Object.entries(project.services).flatMap(([name, { ports }]) => (ports === undefined ? [] : [[name, ports]]));
  expect(published).toEqual([["platform-here-ingress", [{ target: 8443, host_ip: "127.0.0.1", published: "8443", protocol: "tcp" }]]]);
  const outward = Object.entries(project.networks).filter(([, network]) => !network.internal);
  expect(outward.map(([name]) => name)).toEqual(["platform-here", "central-production-outward"]);
});

test("tenants meet only where the graph lets them: nobody but proxies, servers and the ingress is in two networks", async () => {
  const project = (await rendered()).compose as Project;
  const several = Object.entries(project.services).filter(([, service]) => Object.keys(service.networks).length > 1);
  expect(several.map(([name]) => name)).toEqual([
    "central-production-egress",
    "platform-here-ingress",
    "pool-subsidiaries-pooler",
    "pool-subsidiaries-postgres",
  ]);
});

test("a pooler asks for its server by a name that only their own network has, whoever's networks both stand in", async () => {
  const { compose, files } = await rendered();
  const { services } = compose as Project;
  const settings = files.find((file) => file.path.endsWith("pool-subsidiaries-pooler/pgbouncer.ini"))?.content ?? "";
  const hosts = new Set([...settings.matchAll(/host=(\S+)/g)].map((match) => match[1]));
  const networks = Object.entries(services["pool-subsidiaries-postgres"]?.networks ?? {}) as unknown as [string, { aliases: string[] }][];
  const knowIt = networks.filter(([, { aliases }]) => aliases.some((alias) => hosts.has(alias))).map(([name]) => name);
  expect([hosts.size, networks.length > 1, knowIt]).toEqual([1, true, ["pool-subsidiaries"]]);
});

test("no secret is in the project or in a file that everybody may read", async () => {
  const { compose, files } = await rendered();
  expect(JSON.stringify(compose)).not.toContain(SECRET);
  expect(files.filter((file) => !file.secret && file.content.includes(SECRET))).toEqual([]);
  expect(files.filter((file) => file.secret && file.what === "")).toEqual([]);
});

test("the same fleet is rendered the same", async () => {
  expect((await rendered()).compose).toEqual((await rendered()).compose);
});
