import fc from "fast-check";
import { expect, test } from "vitest";
import { document } from "../../../test/support/fleet-text.ts";
import { load } from "../../../test/support/fleets.ts";
import { compile } from "../../domain/blueprint/compile.ts";
import { ENVIRONMENT_NAMES, RESERVED_NAMES } from "../../domain/fleet/schema/tenant.ts";
import { type AnyNode, type NodeKind, nodeId, type Stack, type StackNode, stackOf } from "../../domain/stack/node.ts";
import { groupName, sliceName } from "./container/cgroups.ts";
import { configName } from "./ingress/ingress-config.ts";
import { routeConfig } from "./ingress/route-config.ts";
import { outwardName } from "./network/egress/outward.ts";
import { counterName, tableName } from "./network/firewall/rules.ts";
import { networkAlias, objectName } from "./observe/labels.ts";
import { BOUNDARY } from "./observe/own-objects.ts";
import { projectName } from "./render/service.ts";

/** Of what names are made that could be taken for others once they are joined. */
const WORDS = ["a", "x", "pool", "platform", "replica", "data", "outward", "postgres", "odoo", "journey", "new", "here", "route", "1", ""];
const name = fc
  .array(fc.constantFrom(...WORDS, ...ENVIRONMENT_NAMES), { minLength: 1, maxLength: 5 })
  .map((words) => words.join("-"))
  .filter((text) => /^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(text) && text.length <= 40);
const anyName = fc.oneof({ weight: 4, arbitrary: name }, fc.stringMatching(/^[a-z][a-z0-9-]{38}[a-z0-9]$/));
const tenantName = anyName.filter((text) => !RESERVED_NAMES.some((one) => one === text));
const names = (one: fc.Arbitrary<string>) => fc.uniqueArray(one, { minLength: 2, maxLength: 3 });

const SIZES = "sizes: { web: { processes: 2 } }";
const QUOTAS = "quotas: { memory: 4Gi }";
const IMAGES = { "odoo-19": "o:a", postgres: "p:a", traefik: "t:a", pgbouncer: "b:a", redis: "r:a", egress: "e:a", mailbox: "m:a" };

/** Every tenant has all environments, the first shares servers and the others have their own, each with a replica and everything else that there is. */
function stacksOf(tenants: readonly string[], pools: readonly string[], region: string): readonly Stack[] {
  const [pool = ""] = pools;
  const shared = `{ hosting: shared, pool: ${pool}, ${SIZES}, ${QUOTAS} }`;
  const alone = `{ hosting: isolated, ${SIZES}, ${QUOTAS}, postgres: { replica: synchronous } }`;
  const environments = `{ production: ${shared}, staging: ${alone}, development: ${shared}, recovery: ${alone} }`;
  const owner = "owner: { name: Ops, email: ops@a.example }, calendar: office, integrations: [dhl]";
  const acme = "ingress: { certificates: { acme: { email: ops@a.example } } }";
  const fleet = load(
    [
      document("Fleet", "nordwind", `{ domain: odoo.example.com, ${acme} }`),
      document("Region", region, "{ engine: { docker: {} }, jurisdiction: DE }"),
      document("Calendar", "office", "{ zone: Europe/Berlin, coveredUntil: 2028-12-31, maintenance: [] }"),
      document("Integration", "dhl", '{ type: carrier, url: "https://carrier.example/api", sandbox: "https://sandbox.example/api" }'),
      ...pools.map((one) => document("Pool", one, "{ postgres: { replica: synchronous } }")),
      ...tenants.map((one) => document("Tenant", one, `{ ${owner}, environments: ${environments} }`)),
    ].join("---\n"),
  );
  if (!fleet.ok) throw new Error(JSON.stringify(fleet.problems));
  const compiled = compile(fleet.value, { images: IMAGES, ingress: { address: "127.0.0.1", port: 8443 }, certificateGeneration: 1 });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  const { value } = compiled;
  return [...value.stacks.values(), ...[...value.stacks.keys()].flatMap((id) => value.cloneOf(id) ?? [])];
}

function nodesOf<K extends NodeKind>(stacks: readonly Stack[], kind: K): readonly StackNode<K>[] {
  return stacks.flatMap((stack) => stack.nodes as readonly AnyNode[]).filter((node) => node.kind === kind) as unknown as StackNode<K>[];
}

/** Names that two or more have. */
function shared(all: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return all.filter((one) => seen.size === seen.add(one).size);
}

/** Names that are no good where they are used. */
function unfit(all: readonly string[], form: RegExp): readonly string[] {
  return all.filter((one) => !form.test(one));
}

const fleets = fc.record({ tenants: names(tenantName), pools: names(anyName), region: anyName });
const owner = { fleet: "a-fleet-with-quite-a-long-name-of-forty", instance: "0a1b2c3d" };

/** Whatever a fleet calls its tenants, pools and region. */
function forAll(law: (stacks: readonly Stack[]) => void): void {
  fc.assert(
    fc.property(fleets, ({ tenants, pools, region }) => law(stacksOf(tenants, pools, region))),
    {
      numRuns: 60,
      examples: [
        [{ tenants: ["pool-x", "x"], pools: ["x-production", "x", "x-replica"], region: "here" }],
        [{ tenants: ["platform-here", "here"], pools: ["a", "a-replica"], region: "here-production" }],
        [{ tenants: ["a", "a-production", "a-production-staging"], pools: ["a-production-staging", "a"], region: "here-outward" }],
      ],
    },
  );
}

test("no two objects of a fleet have one name on the machine, and each is short enough for a DNS label", () => {
  const PARTS = ["filling", "refill", "work", "install", "warm", "dump", "restore"];
  forAll((stacks) => {
    const ids = stacks.flatMap((stack) => stack.nodes.map((node) => node.id));
    const outward = stacks.map((stack) => outwardName(owner, stack.id));
    const all = [...outward, ...ids.flatMap((id) => [objectName(owner, id), ...PARTS.map((part) => objectName(owner, id, part))])];
    expect([shared(all), unfit(all, /^[a-z][a-z0-9.-]{0,62}$/)]).toEqual([[], []]);
    const quotas = nodesOf(stacks, "quota").map(({ id }) => objectName(owner, id));
    const groups = quotas.flatMap((one) => [groupName(one), sliceName(one)]);
    expect([shared(groups), unfit(groups, /^.{1,255}$/)]).toEqual([[], []]);
    // Docker names a bridge after the first twelve digits of its network's id.
    expect(unfit([tableName(owner.instance), counterName("br-0123456789ab", "machine")], /^.{1,31}$/)).toEqual([]);
  });
});

test("the network by which a proxy goes out is named before that of its stack, so that Docker takes it", () => {
  forAll((stacks) => {
    const late = stacks.filter(({ id }) => outwardName(owner, id) >= objectName(owner, nodeId(id, BOUNDARY)));
    expect(late.map(({ id }) => id)).toEqual([]);
  });
});

test("no two nodes are found by one name in a network, and none by the short name of another", () => {
  forAll((stacks) => {
    const all = stacks.flatMap((stack) => stack.nodes.map((node) => networkAlias(node.id)));
    expect([shared(all), unfit(all, /^(?=.{1,253}$)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){2}$/)]).toEqual([[], []]);
  });
});

test("no two environments have one database, role or corner of a cache, and none has a name that Ballast or PostgreSQL uses itself", () => {
  const TAKEN =
    /^(postgres|template[01]|ballast_(template|pooler|replication|replica)|(making|template)_[0-9a-f]{16}|pg_.*|ballast|default)$/;
  forAll((stacks) => {
    const databases = nodesOf(stacks, "database").flatMap(({ spec }) => (spec.name === spec.role ? [spec.name] : [spec.name, spec.role]));
    expect([shared(databases), databases.filter((one) => TAKEN.test(one)), unfit(databases, /^[a-z][a-z0-9_]{0,62}$/)]).toEqual([
      [],
      [],
      [],
    ]);
    const corners = nodesOf(stacks, "keyspace");
    expect(shared(corners.map(({ spec }) => spec.user))).toEqual([]);
    const inside = corners.filter(({ spec }) => corners.some((one) => one.spec !== spec && spec.prefix.startsWith(one.spec.prefix)));
    expect(inside).toEqual([]);
  });
});

test("no two routes share a file, a router, a service or a middleware of the ingress, nor a host", () => {
  const OWN_FILES = ["00-options.yaml", "asked-again.yaml"];
  forAll((stacks) => {
    const files = [...nodesOf(stacks, "route"), ...nodesOf(stacks, "certificate")].map(({ id }) => configName(id));
    expect([shared([...files, ...OWN_FILES]), unfit(files, /^[a-z0-9.-]{1,255}$/)]).toEqual([[], []]);
    const configs = nodesOf(stacks, "route").map(
      ({ id, spec }) => (routeConfig(id, spec, (one) => networkAlias(nodeId(stackOf(id), one))) as { http: Record<string, object> }).http,
    );
    for (const part of ["routers", "services", "middlewares", "serversTransports"])
      expect(shared(configs.flatMap((config) => Object.keys(config[part] ?? {})))).toEqual([]);
    expect(shared(nodesOf(stacks, "route").flatMap(({ spec }) => spec.hosts))).toEqual([]);
  });
});

test("no two services, volumes, networks or files of a Compose project have one name", () => {
  forAll((stacks) => {
    const declared = stacks.filter(({ id }) => !id.includes("~"));
    const nodes = declared.flatMap((stack) => stack.nodes.map((node) => node.id));
    const jobs = nodesOf(declared, "postgres").flatMap(({ id }) => [`${projectName(id)}-prepare`, `${projectName(id)}-agree`]);
    const installs = nodesOf(declared, "database").map(({ id }) => projectName(nodeId(stackOf(id), "install")));
    expect(shared([...nodes.map(projectName), ...jobs, ...installs])).toEqual([]);
    const outward = nodesOf(declared, "egress").map(({ id }) => projectName(nodeId(stackOf(id), "outward")));
    expect(shared([...declared.map(({ id }) => projectName(id)), ...outward])).toEqual([]);
  });
});
