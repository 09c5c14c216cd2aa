import { expect, test } from "vitest";
import type { Scope } from "../../scope.ts";
import { makeOutward, OUTWARD_LABEL, outwardName } from "./outward.ts";

const owner = { fleet: "nordwind", instance: "0a1b2c3d" };
const stack = "platform/here";
const proxy = `${stack}/egress`;
const labels = { "ballast.instance": owner.instance, "ballast.stack": stack };

/** A Docker Engine with the network of a stack, and one for its proxy. */
function machine(inner: { Name: string; Internal: boolean }, outward: string | undefined) {
  const networks = new Map<string, Record<string, unknown>>();
  const add = (Name: string, Labels: object, Internal = false) => networks.set(Name, { Id: Name, Name, Labels, Internal, Containers: {} });
  add(inner.Name, { ...labels, "ballast.node": `${stack}/boundary` }, inner.Internal);
  if (outward !== undefined) add(outward, { ...labels, [OUTWARD_LABEL]: proxy });
  const inspect = async (name: string) => {
    const found = networks.get(name);
    if (found === undefined) throw Object.assign(new Error("no such network"), { statusCode: 404 });
    return found;
  };
  const docker = {
    listNetworks: async (desired?: { filters: { label: string[] } }) =>
      [...networks.values()].filter(({ Labels }) =>
        (desired?.filters.label ?? []).every((one) => {
          const [key = "", value] = one.split("=");
          const has = (Labels as Record<string, string>)[key];
          return has !== undefined && (value === undefined || has === value);
        }),
      ),
    getNetwork: (name: string) => ({ inspect: () => inspect(name), remove: async () => void networks.delete(name) }),
    listContainers: async () => [],
    createNetwork: async ({ Name, Labels }: { Name: string; Labels: object }) => void add(Name, Labels),
  };
  const scope = { owner, docker, subnets: async () => "10.213.0.0/16" } as unknown as Scope;
  return { scope, others: () => [...networks.keys()].filter((name) => name !== inner.Name) };
}

const INNER = "nordwind-0a1b2c3d-platform-here-boundary-1";
const FORMER = "nordwind-0a1b2c3d-platform-here-outward-2";
const NEW = outwardName(owner, stack);

test.each([
  ["made where there is none", { Name: INNER, Internal: false }, undefined, NEW],
  ["kept as it is", { Name: INNER, Internal: false }, NEW, NEW],
  ["recreated where Docker would take the network of the stack for egress", { Name: INNER, Internal: false }, FORMER, NEW],
  ["kept under its former name where the network of the stack leads nowhere", { Name: INNER, Internal: true }, FORMER, FORMER],
])("the network by which a proxy goes out is %s", async (_, inner, before, after) => {
  const { scope, others } = machine(inner, before);
  await makeOutward(scope, proxy);
  expect(others()).toEqual([after]);
});
