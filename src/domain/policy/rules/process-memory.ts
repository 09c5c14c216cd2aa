import type { StackNode } from "../../stack/node.ts";
import type { Finding, PolicyRule } from "../rule.ts";
import { environments, odooNodesOf } from "../view.ts";

/** Resident memory measured after load: of the master, which each container has, and of each worker beside it. */
const MASTER_MIB = 104;
const WORKER_MIB = 109;

function leastMiB({ workers, cronThreads }: StackNode<"odoo">["spec"]): number {
  return MASTER_MIB + WORKER_MIB * (workers === 0 ? 1 : workers + cronThreads);
}

export const processMemory: PolicyRule = {
  code: "BAL-P005",
  title: "Processes have the memory that they are known to use",
  severity: "warning",
  reason:
    "After load a master was measured at 104 MiB and each worker at 109 MiB of resident memory; with less they are ended in the middle of requests.",
  check(view) {
    return environments(view).flatMap((environment) =>
      odooNodesOf(view, environment).flatMap(({ id, spec }): Finding[] => {
        const least = leastMiB(spec);
        if (spec.memoryMiB >= least) return [];
        const processes = spec.workers === 0 ? 1 : spec.workers + spec.cronThreads;
        const message = `${spec.memoryMiB} MiB for ${processes} processes, which were measured at ${least} MiB`;
        return [{ address: id, message, hint: `declare sizes.${spec.roles[0]}.memory of ${environment.address}: ${least}Mi or more` }];
      }),
    );
  },
};
