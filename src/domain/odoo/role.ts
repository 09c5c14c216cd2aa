/** What Odoo processes do: answer people, hold the open connections of browsers, run scheduled jobs, run queued jobs, answer reports that call back, answer other systems. */
export type OdooRole = "web" | "websocket" | "cron" | "jobs" | "report" | "integration";
