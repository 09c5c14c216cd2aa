import type { StackId } from "../../stack/node.ts";
import { stackOf } from "../../stack/node.ts";
import type { PolicyRule, PolicyView } from "../rule.ts";

const MIB = 1024 ** 2;

/** The sum of all limits in a region: of its platform, and of whatever is led through its ingress or serves that. */
function limitsMiB(view: PolicyView, region: string): number {
  return [...view.stacks.values()]
    .filter((stack) => regionOf(view, stack.id) === region)
    .flatMap((stack) => stack.nodes)
    .reduce((sum, node) => sum + ("memoryMiB" in node.spec && node.kind !== "quota" ? (node.spec.memoryMiB ?? 0) : 0), 0);
}

function regionOf({ loaded: { fleet } }: PolicyView, stack: StackId): string | undefined {
  if (stackOf(stack) === "platform") return stack.slice("platform/".length);
  const pools = fleet.pools.map(({ name, region }) => ({ id: `pool/${name}`, region }));
  const environments = fleet.tenants.flatMap((tenant) => tenant.environments.map(({ address, region }) => ({ id: address, region })));
  return [...pools, ...environments].find((one) => one.id === stack)?.region;
}

export const machineMemory: PolicyRule = {
  code: "BAL-P009",
  title: "The machine has the memory that is promised on it",
  severity: "warning",
  reason:
    "Limits that add up to more than there is hold only until all are busy at once; then the kernel ends processes of tenants who did nothing.",
  check(view) {
    const { machineMemoryBytes } = view;
    if (machineMemoryBytes === undefined) return [];
    const machine = Math.floor(machineMemoryBytes / MIB);
    return view.loaded.fleet.regions.flatMap(({ name, engine }) => {
      const sum = limitsMiB(view, name);
      if (engine.kind !== "docker" || sum <= machine) return [];
      const message = `its containers may use ${sum} MiB together, and the machine has ${machine} MiB`;
      return [{ address: `region/${name}`, message, hint: "declare smaller sizes, fewer environments, or use a larger machine" }];
    });
  },
};
