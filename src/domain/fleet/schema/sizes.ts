import { z } from "zod";
import { optional, size } from "./forms.ts";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const TIB = 1024 ** 4;

const memory = size({ min: GIB / 8, max: 1024 * GIB });

/** How many processes do what. What is not declared comes from the tier. */
export const sizes = z.strictObject({
  web: optional(
    z.strictObject({
      processes: optional(z.int().min(1).max(64), "Web worker processes. From the tier when not declared."),
      memory: optional(
        size({ min: GIB / 4, max: 1024 * GIB }),
        "Memory of all of them. 256Mi and 256Mi for each process when not declared.",
      ),
    }),
    "Processes that answer people.",
  ),
  websocket: optional(
    z.strictObject({ memory: optional(memory, "Memory of the process. 256Mi when not declared.") }),
    "The process that holds the open connections of browsers.",
  ),
  cron: optional(
    z.strictObject({
      threads: optional(z.int().min(1).max(16), "Scheduled jobs at once. From the tier when not declared."),
      memory: optional(memory, "Memory of all of them. 256Mi and 256Mi for each when not declared."),
    }),
    "Scheduled jobs.",
  ),
  jobs: optional(
    z.strictObject({
      slots: optional(z.int().min(0).max(32), "Queued jobs at once; 0 for none. From the tier when not declared."),
      memory: optional(memory, "Memory of all of them. 256Mi and 256Mi for each slot when not declared."),
    }),
    "Queued jobs (module queue_job).",
  ),
  report: optional(
    z.strictObject({
      processes: optional(
        z.int().min(0).max(32),
        "Processes that answer reports when they ask for styles and pictures; 0 for none of their own. From the tier when not declared.",
      ),
      memory: optional(memory, "Memory of all of them. 256Mi and 192Mi for each when not declared."),
    }),
    "Processes that reports call back, so that no report waits for itself.",
  ),
  integration: optional(
    z.strictObject({
      processes: optional(
        z.int().min(0).max(32),
        "Processes for API calls and webhooks; 0 for none of their own. From the tier for a production with integrations, else 0.",
      ),
      memory: optional(memory, "Memory of all of them. 256Mi and 256Mi for each when not declared."),
    }),
    "Processes that answer other systems.",
  ),
});

/** The PostgreSQL server of a pool, or of an environment that has its own. */
export const postgresShape = z.strictObject({
  memory: optional(size({ min: 256 * MIB, max: 4 * TIB }), "Memory of PostgreSQL. From the tier when not declared."),
  maxConnections: optional(z.int().min(20).max(5000), "Most connections at once. From the tier when not declared."),
  storage: optional(size({ min: 1024 * MIB, max: 100 * TIB }), "Size of the data volume. Not limited when not declared."),
  replica: optional(
    z.enum(["none", "asynchronous", "synchronous"]),
    "A second server that follows the first: synchronous loses nothing and stops writes while it is away. From the tier when not declared.",
  ),
});

/** Walls for one environment, whatever its sizes add up to. */
export const quotas = z.strictObject({
  memory: optional(size({ min: GIB / 4, max: 1024 * GIB }), "Memory of all its processes together."),
  cpus: optional(z.number().min(0.1).max(256), "Processors that all its processes together may keep busy, such as 1.5."),
  pids: optional(z.int().min(64).max(100_000), "Processes and threads of all its containers together."),
  disk: optional(size({ min: 64 * MIB, max: 100 * TIB }), "Size of its database: a larger one is reported, and nothing is cut off."),
  connections: optional(z.int().min(8).max(2000), "Connections to PostgreSQL that its role may hold."),
  cronThreads: optional(z.int().min(1).max(16), "Most scheduled jobs at once that its sizes may ask for."),
  jobSlots: optional(z.int().min(0).max(32), "Most queued jobs at once that its sizes may ask for."),
});
