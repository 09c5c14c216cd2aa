import { afterAll, describe, expect, test } from "vitest";
import { dockerClient } from "../../../src/app/machine/machine-engine.ts";
import { codesIn, faultyFleet } from "../../support/faulty-fleet.ts";

const docker = dockerClient();
const one = faultyFleet("one");
const other = faultyFleet("other");
const narrow = faultyFleet("narrow");
afterAll(async () => {
  for (const { fleet } of [one, other, narrow]) await fleet.remove();
});

const inRange = (range: string) => (text: string) => text.replace("docker: {}", `docker: { subnets: ${range} }`);
/** Both declare the same domain: only their ports tell them apart. */
const sameDomain = (text: string) => inRange("10.232.0.0/16")(text).replace(/(name: [\w-]+ \})/, "$1\nspec: { domain: shared.localhost }");

async function subnetsOf(name: string): Promise<readonly string[]> {
  const networks = await docker.listNetworks({ filters: { label: [`ballast.fleet=${name}`] } });
  return networks.flatMap((network) => network.IPAM?.Config?.flatMap((config) => config.Subnet ?? []) ?? []);
}

describe("two fleets of one domain whose first up begins at the same moment", () => {
  test("get ports and subnets of their own, in the range that they declare", async () => {
    for (const { declare } of [one, other]) declare([], sameDomain);
    const ups = await Promise.all([one, other].map(({ fleet }) => fleet.ballast("up", fleet.folder, "--yes")));
    expect(ups.map((up) => [up.code, codesIn(up)])).toEqual(ups.map(() => [0, []]));
    const ports = [one, other].map(({ fleet }) => fleet.entrance("acme").port);
    const subnets = (await Promise.all([one, other].map(({ fleet }) => subnetsOf(fleet.name)))).flat();
    expect([new Set(ports).size, new Set(subnets).size, subnets.length]).toEqual([2, 6, 6]);
    expect(subnets.filter((subnet) => !subnet.startsWith("10.232."))).toEqual([]);
    expect([await one.fleet.isServed("acme"), await other.fleet.isServed("acme")]).toEqual([true, true]);
  });

  test("keep their ports while one of them lies still, and one that goes takes nothing of the other", async () => {
    const { port } = one.fleet.entrance("acme");
    expect((await one.fleet.ballast("down", one.fleet.folder, "--confirm", one.fleet.name, "--reason", "test")).code).toBe(0);
    await other.fleet.remove();
    expect((await one.fleet.ballast("up", one.fleet.folder, "--yes")).code).toBe(0);
    expect([one.fleet.entrance("acme").port, await one.fleet.isServed("acme")]).toEqual([port, true]);
  });
});

test("a range that is full is named, with what is there and what is missing; a larger one lets the next apply go on", async () => {
  // Of the 32 subnets of the range two are left, and the fleet wants three.
  const strangers = await Promise.all(
    ["10.233.0.0/23", "10.233.2.0/24", "10.233.3.0/25", "10.233.3.128/26"].map((Subnet, index) =>
      docker.createNetwork({ Name: `${narrow.fleet.name}-stranger-${index}`, IPAM: { Driver: "default", Config: [{ Subnet }] } }),
    ),
  );
  try {
    narrow.declare([], inRange("10.233.0.0/22"));
    const refused = await narrow.fleet.ballast("up", narrow.fleet.folder, "--yes");
    expect([refused.code === 0, codesIn(refused)]).toEqual([false, expect.arrayContaining(["BAL-E006"])]);
    expect(refused.err).toContain("no free subnet is left in 10.233.0.0/22");
    narrow.declare([], inRange("10.233.0.0/21"));
    const applied = await narrow.fleet.ballast("up", narrow.fleet.folder, "--yes");
    expect([applied.code, await narrow.fleet.isServed("acme")]).toEqual([0, true]);
  } finally {
    for (const stranger of strangers) await stranger.remove();
  }
});
