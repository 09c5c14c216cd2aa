import type { LoadedFleet } from "../fleet/model.ts";
import { tierNamed } from "../fleet/tiers.ts";
import type { StackId } from "../stack/node.ts";
import { poolId } from "./pool.ts";

/** What is done about drift of a stack: as the tier of its environment or pool says. What all share is repaired, since all wait for it. */
export function driftPolicy({ fleet }: LoadedFleet, stack: StackId): "repair" | "report" {
  const environment = fleet.tenants.flatMap((tenant) => tenant.environments).find((one) => one.address === stack);
  const pool = fleet.pools.find((one) => poolId(one.name) === stack);
  const tier = environment?.tier ?? pool?.tier;
  return tier === undefined ? "repair" : tierNamed(fleet.tiers, tier).drift;
}
