/** The module of queued jobs, from the Odoo Community Association: it must be installed in each database that has a runner. */
export const JOBS_MODULE = "queue_job";

/** What the container of jobs loads server-wide: the runner, and what watches that it has a queue to run. */
export const JOBS_SERVER_WIDE: readonly string[] = [JOBS_MODULE, "ballast_jobs"];
