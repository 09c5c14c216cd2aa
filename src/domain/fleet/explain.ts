import { suggestion } from "../../kernel/distance.ts";
import { type Checked, type Problem, passed, refused } from "../../kernel/problem.ts";
import type { Effective, LoadedFleet } from "./model.ts";

/** Every effective value of an address and where it comes from; of an environment or pool also what its tier brings. */
export function explain(loaded: LoadedFleet, address: string): Checked<readonly Effective[]> {
  const known = loaded.effectiveOf(address);
  if (!loaded.addresses.includes(address)) return refused([unknownAddress(loaded, address)]);
  const { fleet } = loaded;
  const tier = address.startsWith("pool/")
    ? fleet.pools.find((one) => `pool/${one.name}` === address)?.tier
    : fleet.tenants.flatMap((tenant) => tenant.environments).find((one) => one.address === address)?.tier;
  return passed(tier === undefined ? known : [...known, ...tierValues(loaded, tier)]);
}

function unknownAddress({ addresses }: LoadedFleet, address: string): Problem {
  return {
    code: "BAL-F050",
    severity: "error",
    at: address,
    message: `nothing has the address "${address.slice(0, 100)}"${suggestion(address, addresses)}`,
    hint: "an environment is addressed central/production, a tenant central, a pool pool/NAME, other kinds likewise (tier/NAME, calendar/NAME), and fleet",
  };
}

/** What an environment or pool takes from its tier, without the sizes, which it has resolved itself. */
function tierValues(loaded: LoadedFleet, tier: string): Effective[] {
  return loaded
    .effectiveOf(`tier/${tier}`)
    .filter(({ field }) => !field.startsWith("sizes."))
    .map((one) => ({ ...one, source: { kind: "tier", tier, ...(one.source.kind === "file" ? { at: one.source.at } : {}) } }));
}
