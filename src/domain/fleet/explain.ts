import { type Checked, type Problem, passed, refused } from "../../kernel/problem.ts";
import { formatDuration } from "../../kernel/quantity.ts";
import { suggestion } from "./issues.ts";
import type { Effective, LoadedFleet, Tier } from "./model.ts";

/** Every effective value of an address and where it comes from; of an environment or pool also what its tier brings. */
export function explain(loaded: LoadedFleet, address: string): Checked<readonly Effective[]> {
  const known = loaded.effectiveOf(address);
  if (!loaded.addresses.includes(address)) return refused([unknownAddress(loaded, address)]);
  const { fleet } = loaded;
  const tier = address.startsWith("pool/")
    ? fleet.pools.find((one) => `pool/${one.name}` === address)?.tier
    : fleet.tenants.flatMap((tenant) => tenant.environments).find((one) => one.address === address)?.tier;
  return passed(tier === undefined ? known : [...known, ...tierValues(fleet.tiers[tier])]);
}

function unknownAddress({ addresses }: LoadedFleet, address: string): Problem {
  return {
    code: "BAL-F050",
    severity: "error",
    at: address,
    message: `nothing has the address "${address.slice(0, 100)}"${suggestion(address, addresses)}`,
    hint: "an environment is addressed central/production, a tenant central, a pool pool/NAME, then region/NAME, calendar/NAME and fleet",
  };
}

function tierValues(tier: Tier): Effective[] {
  const { objectives, backup } = tier;
  const span = (seconds: number) => (seconds === 0 ? "none" : formatDuration(seconds));
  const values: Readonly<Record<string, string>> = {
    "objectives.availability": `${tier.availabilityPercent} %`,
    "objectives.pageP95": `${tier.pageP95Ms} ms`,
    "objectives.jobWait": span(tier.jobWaitSeconds),
    "objectives.node.rpo": span(objectives.node.rpoSeconds),
    "objectives.node.rto": span(objectives.node.rtoSeconds),
    "objectives.region.rpo": span(objectives.region.rpoSeconds),
    "objectives.region.rto": span(objectives.region.rtoSeconds),
    replica: tier.replica,
    "backup.fullEvery": span(backup.fullEverySeconds),
    "backup.keep": span(backup.keepSeconds),
    proofEvery: span(tier.proofEverySeconds),
    disasterRecovery: tier.disasterRecovery,
    approvals: String(tier.approvals),
    rollout: tier.rollout,
    drift: tier.drift,
    priority: String(tier.priority),
    degradationOrder: String(tier.degradationOrder),
    keepUndeclared: span(tier.keepUndeclaredSeconds),
  };
  return Object.entries(values).map(([field, value]) => ({ field, value, source: { kind: "tier", tier: tier.name } }));
}
