import { expect, test } from "vitest";
import type { Scope } from "../scope.ts";
import { OUTWARD_LABEL } from "./egress/outward.ts";
import { leaveStrayNetworks, strayNetworks } from "./stray-networks.ts";

const owner = { fleet: "nordwind", instance: "0a1b2c3d" };
const OWN = "nordwind-0a1b2c3d-acme-production-boundary-1";
const ofStack = (stack: string, more: Record<string, string> = {}) => ({
  "ballast.instance": owner.instance,
  "ballast.stack": stack,
  ...more,
});
const NETWORKS: Readonly<Record<string, Record<string, string>>> = {
  [OWN]: ofStack("acme/production"),
  "nordwind-0a1b2c3d-acme-production-journey-2": ofStack("acme/production~journey"),
  "nordwind-0a1b2c3d-acme-outward-3": ofStack("acme/production", { [OUTWARD_LABEL]: "acme/production/egress" }),
  "nordwind-0a1b2c3d-nova-production-boundary-4": ofStack("nova/production"),
  "nordwind-0a1b2c3d-pool-everyone-boundary-5": ofStack("pool/everyone"),
  "another-installation": { ...ofStack("acme/production"), "ballast.instance": "ffffffff" },
  bridge: {},
};

function standing(names: readonly string[]) {
  return {
    Id: "c",
    HostConfig: { NetworkMode: OWN },
    NetworkSettings: { Networks: Object.fromEntries(names.map((name) => [name, {}])) },
  } as never;
}
function machine(networks = NETWORKS) {
  const left: string[] = [];
  const docker = {
    getNetwork: (name: string) => ({
      async inspect() {
        if (networks[name] === undefined) throw Object.assign(new Error("no such network"), { statusCode: 404 });
        return { Id: name, Name: name, Labels: networks[name] };
      },
      disconnect: async ({ Container }: { Container: string }) => void left.push(`${Container} ${name}`),
    }),
  };
  return { scope: { owner, docker } as unknown as Scope, left };
}
const all = standing(Object.keys(NETWORKS));

test("a tenant's container has business in its own tenant's networks, and nowhere else", async () => {
  expect(await strayNetworks(machine().scope, "acme/production/odoo", all)).toEqual([
    "another-installation",
    "bridge",
    "nordwind-0a1b2c3d-acme-outward-3",
    "nordwind-0a1b2c3d-nova-production-boundary-4",
    "nordwind-0a1b2c3d-pool-everyone-boundary-5",
  ]);
  expect(await strayNetworks(machine().scope, "acme/production/odoo", standing([OWN]))).toEqual([]);
});

test("only the proxy that an outward network was made for stands in it", async () => {
  expect(await strayNetworks(machine().scope, "acme/production/egress", all)).not.toContain("nordwind-0a1b2c3d-acme-outward-3");
});

test.each(["pool/everyone/postgres", "platform/here/ingress"] as const)(
  "%s, which several stacks share, stands in any network of ours, and in none that is not",
  async (id) => {
    expect(await strayNetworks(machine().scope, id, all)).toEqual(["another-installation", "bridge"]);
  },
);

test("it is taken out of the others, and never of its own; a network that is gone is none", async () => {
  const { scope, left } = machine({ bridge: {} });
  await leaveStrayNetworks(scope, "acme/production/odoo", standing([OWN, "bridge", "gone"]));
  expect(left).toEqual(["c bridge"]);
});
