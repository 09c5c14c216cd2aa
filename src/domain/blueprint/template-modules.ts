import type { Environment } from "../fleet/model.ts";
import { JOBS_MODULE } from "../odoo/jobs.ts";

/** What a template has installed: what was declared, and the queue where somebody who is cloned from it runs queued jobs. */
export function templateModules(declared: readonly string[], clones: readonly Pick<Environment, "sizes">[]): readonly string[] {
  const queue = clones.some(({ sizes }) => sizes.jobs.slots > 0) ? [JOBS_MODULE] : [];
  return [...new Set([...declared, ...queue])].sort();
}
