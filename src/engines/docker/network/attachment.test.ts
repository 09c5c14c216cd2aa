import { describe, expect, test } from "vitest";
import { type Attached, goneNetworks, isIn } from "./attachment.ts";

const attached = (networks: Readonly<Record<string, string>>): Attached =>
  ({
    NetworkSettings: { Networks: Object.fromEntries(Object.entries(networks).map(([name, NetworkID]) => [name, { NetworkID }])) },
  }) as unknown as Attached;
const POOL = { Name: "pool", Id: "p1" };
const ACME = { Name: "acme", Id: "a1" };

describe("a container", () => {
  test("is in the network that it knows, also while it is stopped", () => {
    expect(isIn(attached({ pool: "p1" }), POOL)).toBe(true);
  });
  test("that joined while it was stopped is in the network of that name", () => {
    expect(isIn(attached({ pool: "" }), POOL)).toBe(true);
  });
  test("is not in a new network under the name of one that it knew", () => {
    expect(isIn(attached({ acme: "a0" }), ACME)).toBe(false);
  });
  test("is in no network that is not there, nor in one that it does not name", () => {
    expect([isIn(attached({ acme: "a1" }), undefined), isIn(attached({}), ACME)]).toEqual([false, false]);
  });
});

describe("what keeps a stopped container from ever being started again", () => {
  test("is nothing, as long as every network that it names exists", () => {
    expect(goneNetworks(attached({ pool: "p1", acme: "" }), [POOL, ACME])).toEqual([]);
  });
  test("is a network that was removed while it was stopped", () => {
    expect(goneNetworks(attached({ pool: "p1", nova: "n1" }), [POOL])).toEqual(["nova"]);
  });
  test("is one that was removed before the container, which had joined it while it was stopped, was started", () => {
    expect(goneNetworks(attached({ pool: "p1", nova: "" }), [POOL])).toEqual(["nova"]);
  });
  test("is one that was recreated under its name, since the container knows the former", () => {
    expect(goneNetworks(attached({ pool: "p1", acme: "a0" }), [POOL, ACME])).toEqual(["acme"]);
  });
});
