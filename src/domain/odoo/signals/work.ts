import { isFrom, type KnownSeries, lastFrom } from "../known-series.ts";
import { type Signal, UTC_NOW } from "./signal.ts";

/** Scheduled work, queued jobs, and the state of the installation itself. */
export function workSignals(series: KnownSeries): readonly Signal[] {
  // A job that had run as often as it should stayed active with no calls left; that count is gone since 18.0.
  const left = isFrom(series, "18.0") ? "" : " AND numbercall <> 0";
  const presence = lastFrom(series, [
    ["14.0", "bus_presence"],
    ["19.0", "mail_presence"],
  ]);
  return [
    {
      name: "cron-lag",
      tells: "scheduled jobs that are due, and for how long; on 14.0 to 17.0 a failed one is in the log only",
      needs: ["ir_cron"],
      sql: `SELECT id, cron_name, extract(epoch FROM ${UTC_NOW} - nextcall) AS lag_seconds, lastcall FROM ir_cron WHERE active${left} AND nextcall < ${UTC_NOW} ORDER BY nextcall`,
    },
    {
      name: "queue-backlog",
      tells: "jobs that wait or run, by channel, and how long the oldest that may run has waited",
      needs: ["queue_job"],
      sql: `SELECT state, channel, count(*) AS jobs, max(extract(epoch FROM ${UTC_NOW} - date_created)) FILTER (WHERE state = 'pending' AND (eta IS NULL OR eta <= ${UTC_NOW})) AS lag_seconds FROM queue_job WHERE state IN ('wait_dependencies', 'pending', 'enqueued', 'started') GROUP BY 1, 2`,
    },
    {
      name: "queue-rates",
      tells: "jobs done and failed in the last hour, by channel, and the 95th percentile of their time",
      needs: ["queue_job.exec_time"],
      sql: `SELECT channel, count(*) FILTER (WHERE state = 'done') AS done, count(*) FILTER (WHERE state = 'failed') AS failed, percentile_cont(0.95) WITHIN GROUP (ORDER BY exec_time) AS seconds FROM queue_job WHERE coalesce(date_done, date_started) > ${UTC_NOW} - interval '1 hour' GROUP BY 1`,
    },
    {
      name: "queue-stuck",
      tells: "jobs that were taken and have not ended for a quarter of an hour: they hold their channel",
      needs: ["queue_job"],
      sql: `SELECT count(*) AS jobs FROM queue_job WHERE state IN ('started', 'enqueued') AND coalesce(date_started, date_enqueued) < ${UTC_NOW} - interval '15 min'`,
    },
    {
      name: "stuck-modules",
      tells: "modules left in the middle of an upgrade; they stop all scheduled work",
      needs: ["ir_module_module"],
      sql: "SELECT state, count(*) AS modules FROM ir_module_module WHERE state LIKE 'to %' GROUP BY 1",
    },
    {
      name: "users",
      tells: "people who were there in the last five minutes",
      needs: [`${presence}.last_poll`],
      sql: `SELECT count(*) AS users FROM ${presence} WHERE last_poll > ${UTC_NOW} - interval '5 min'`,
    },
  ];
}
