import type { PolicyRule } from "../rule.ts";
import { environments, isDeclared } from "../view.ts";
import { JOBS_MODULE } from "./jobs-never-run.ts";

export const jobsStandIdle: PolicyRule = {
  code: "BAL-P038",
  title: "Job slots of a tier are used",
  severity: "note",
  reason: "A tier brings job slots to all of its environments. Where module queue_job is missing they stand idle and keep their memory.",
  check(view) {
    return environments(view).flatMap(({ address, sizes: { jobs }, modules, tier }) => {
      if (jobs.slots === 0 || modules.includes(JOBS_MODULE) || isDeclared(view, address, "sizes.jobs.slots")) return [];
      const message = `tier ${tier} brings ${jobs.slots} job slots, and module ${JOBS_MODULE} is not in its template`;
      return [{ address, field: "sizes.jobs.slots", message, hint: `add ${JOBS_MODULE} to its modules, or declare sizes.jobs.slots: 0` }];
    });
  },
};
