import fc from "fast-check";
import { expect, test } from "vitest";
import { ROUTE_LIMITS } from "../../../test/support/route-limits.ts";
import type { AnyNode } from "../../domain/stack/node.ts";
import { plainText } from "./container/log-frames.ts";
import { freeSubnet } from "./network/subnets.ts";
import { declaredOf, homeName, labelsOf, networkAlias, objectName, ownAliases } from "./observe/labels.ts";

const owner = { fleet: "nordwind", instance: "0a1b2c3d" };
const route: AnyNode = {
  id: "hamburg/production/route",
  kind: "route",
  spec: {
    hosts: ["hamburg.nordwind.localhost"],
    node: "odoo",
    port: 8069,
    paths: [],
    closedPaths: ["/web/database"],
    limits: ROUTE_LIMITS,
    ownsSubdomains: true,
  },
  uses: [{ to: "hamburg/production/odoo", as: "http" }],
  from: [],
};

test("the labels of an object carry its whole declaration, so that it can be read back without the store", () => {
  const labels = labelsOf(owner, route);
  const { from: _from, ...declared } = route;
  expect(declaredOf(labels)).toEqual({ declared, hash: labels["ballast.spec"] });
  expect(declaredOf({ ...labels, "ballast.declared": "{cut" })).toBeUndefined();
  expect(declaredOf({ "com.example": "else" })).toBeUndefined();
});

test("what lies beside an object while something is made is named with a dot, which no object's own name has", () => {
  const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/);
  fc.assert(
    fc.property(name, name, fc.constantFrom("production", "production~journey"), (fleet, tenant, environment) => {
      const own = objectName({ ...owner, fleet }, `${tenant}/${environment}/filestore`);
      expect([own.includes("."), own.includes("~")]).toEqual([false, false]);
    }),
  );
});

test("names say fleet, instance and node", () => {
  expect(objectName(owner, "hamburg/production/odoo")).toBe("nordwind-0a1b2c3d-hamburg-production-odoo-2h0g7gqjol");
  expect(objectName(owner, "hamburg/production/odoo", "warm")).toBe("nordwind-0a1b2c3d-hamburg-production-odoo-2h0g7gqjol.warm");
  expect(networkAlias("pool/subsidiaries/postgres")).toBe("postgres.subsidiaries.pool");
});

test("the name of a node for those who share other networks with it too ends in its own network, or is one that only this network has", () => {
  const server = "pool/subsidiaries/postgres";
  const own = objectName(owner, "pool/subsidiaries/boundary");
  expect(homeName(server, own)).toBe(`postgres.${own}`);
  const long = "n".repeat(64);
  expect(homeName(server, long)).toBe("home.postgres.subsidiaries.pool");
  for (const network of ["pool-subsidiaries", long]) expect(ownAliases(server, network)).toContain(homeName(server, network));
  // By the name that its users know it is found in their networks, so it says nothing about which one.
  expect(homeName(server, "pool-subsidiaries")).not.toBe(networkAlias(server));
});

test("a free subnet lies in the range and overlaps none in use, whatever is in use", () => {
  const number = (cidr: string) =>
    cidr
      .split("/")[0]
      ?.split(".")
      .reduce((sum, part) => sum * 256 + Number(part), 0) as number;
  const used = fc.array(fc.record({ third: fc.nat(3), fourth: fc.nat(7), bits: fc.constantFrom(24, 26, 27, 28) }), { maxLength: 20 });
  fc.assert(
    fc.property(used, fc.nat(), (blocks, hint) => {
      const taken = blocks.map(({ third, fourth, bits }) => `10.213.${third}.${fourth * 32}/${bits}`);
      const free = freeSubnet("10.213.0.0/22", taken, hint);
      if (free === undefined) return;
      const from = number(free);
      expect(from >= number("10.213.0.0/22") && from + 32 <= number("10.213.4.0/22")).toBe(true);
      for (const block of taken) {
        const size = 2 ** (32 - Number(block.split("/")[1]));
        const start = Math.floor(number(block) / size) * size;
        expect(from + 32 <= start || from >= start + size).toBe(true);
      }
    }),
  );
});

test("a full range says so", () => {
  expect(freeSubnet("10.213.0.0/26", ["10.213.0.0/27", "10.213.0.32/27"], 5)).toBeUndefined();
  expect(freeSubnet("10.213.0.0/26", ["10.213.0.0/27"], 0)).toBe("10.213.0.32/27");
});

test("a log is read without its frames", () => {
  const frame = (text: string) => {
    const body = Buffer.from(text);
    const head = Buffer.alloc(8);
    head.writeUInt32BE(body.length, 4);
    return Buffer.concat([head, body]);
  };
  expect(plainText(Buffer.concat([frame("one\n"), frame("zwei ü\n")]))).toBe("one\nzwei ü");
});
