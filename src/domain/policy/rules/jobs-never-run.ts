import type { PolicyRule } from "../rule.ts";
import { environments, isDeclared } from "../view.ts";

export const JOBS_MODULE = "queue_job";

export const jobsNeverRun: PolicyRule = {
  code: "BAL-P006",
  title: "Job slots come with the module that queues jobs",
  severity: "error",
  reason: "Jobs are run by the module queue_job. Where the template lacks it the slots take memory, and not one job is ever run.",
  check(view) {
    return environments(view).flatMap(({ address, sizes: { jobs }, modules, hosting }) => {
      if (jobs.slots === 0 || modules.includes(JOBS_MODULE) || !isDeclared(view, address, "sizes.jobs.slots")) return [];
      const message = `sizes.jobs.slots is ${jobs.slots}, and module ${JOBS_MODULE} is not in its template`;
      const where = hosting === "shared" ? "the modules of its pool" : "its modules";
      return [{ address, field: "sizes.jobs.slots", message, hint: `add ${JOBS_MODULE} to ${where}, or declare sizes.jobs.slots: 0` }];
    });
  },
};
