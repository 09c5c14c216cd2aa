import type { Finding, PolicyRule, PolicyView } from "../rule.ts";
import { environments } from "../view.ts";

/** Servers with a synchronous replica: of pools, and of environments that have their own. */
function synchronous(view: PolicyView): readonly { readonly address: string; readonly tier: string }[] {
  const { pools } = view.loaded.fleet;
  return [
    ...pools.filter((pool) => pool.postgres.replica === "synchronous").map(({ name, tier }) => ({ address: `pool/${name}`, tier })),
    ...environments(view).filter((one) => one.hosting !== "shared" && one.postgres.replica === "synchronous"),
  ];
}

export const oneSynchronousReplica: PolicyRule = {
  code: "BAL-P007",
  title: "Losing a replica does not stop writes",
  severity: "warning",
  reason:
    "With one synchronous replica a commit waits for exactly that server: while it is away nothing can be written, which people see as an outage.",
  check(view) {
    return synchronous(view).map(
      ({ address, tier }): Finding => ({
        address,
        field: "postgres.replica",
        message: `one synchronous replica means that losing it stops writes; tier ${tier} accepts that, two replicas would not`,
        hint: "declare postgres: { replica: asynchronous } to lose at most the last moment instead, or have it waived by name",
      }),
    );
  },
};
