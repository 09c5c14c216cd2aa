import type { LoadedFleet } from "../fleet/model.ts";
import { tierNamed } from "../fleet/tiers.ts";
import type { StackId } from "../stack/node.ts";
import { poolId } from "./pool.ts";

/** How long the data of a stack is kept once nobody declares it: as the tier of its environment or pool says. */
export function keepSecondsOf({ fleet }: LoadedFleet, stack: StackId): number {
  const environment = fleet.tenants.flatMap((tenant) => tenant.environments).find((one) => one.address === stack);
  const pool = fleet.pools.find((one) => poolId(one.name) === stack);
  return tierNamed(fleet.tiers, environment?.tier ?? pool?.tier ?? "standard").keepUndeclaredSeconds;
}
