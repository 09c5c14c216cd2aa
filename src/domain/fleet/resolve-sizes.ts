import type { z } from "zod";
import { formatSize } from "../../kernel/quantity.ts";
import { isCompact } from "./compact.ts";
import { DEFAULTS } from "./defaults.ts";
import type { PostgresShape, Quotas, Sizes } from "./model.ts";
import type { postgresShape, quotas, sizes } from "./schema/sizes.ts";
import type { Tier } from "./tiers.ts";
import { byDefault, note, type Subject, settle } from "./trace.ts";

type DeclaredSizes = z.output<typeof sizes> | undefined;

interface Facing {
  readonly tier: Tier;
  /** True for a production whose tenant declares integrations. */
  readonly integrations: boolean;
}

/** How many processes do what: as declared, else from the tier; memory follows from their number. */
export function resolveSizes(subject: Subject, declared: DeclaredSizes, { tier, integrations }: Facing): Sizes {
  const ofTier = tier.sizes;
  function count(role: keyof Sizes, unit: string, otherwise: number, because?: string): number {
    const ofRole = declared?.[role] as Readonly<Record<string, number | undefined>> | undefined;
    const source = { value: otherwise, source: { kind: "tier", tier: tier.name } as const, ...(because === undefined ? {} : { because }) };
    return settle(subject, { field: `sizes.${role}.${unit}`, declared: ofRole?.[unit], otherwise: source });
  }
  const web = count("web", "processes", ofTier.webProcesses);
  const threads = count("cron", "threads", ofTier.cronThreads);
  const slots = count("jobs", "slots", ofTier.jobSlots);
  const report = count("report", "processes", ofTier.reportProcesses);
  const calls = integrations
    ? count("integration", "processes", ofTier.integrationProcesses)
    : count("integration", "processes", 0, "no integrations of a production");
  const compact = isCompact({ web: { processes: web }, jobs: { slots }, report: { processes: report }, integration: { processes: calls } });
  const memory = memoryOf(subject, declared);
  const each = DEFAULTS.odooMemoryPerProcessBytes;
  return {
    web: { processes: web, memoryBytes: memory("web", { processes: web, each, alone: true }) },
    websocket: { memoryBytes: memory("websocket", { processes: 0, each, alone: !compact }) },
    cron: { threads, memoryBytes: memory("cron", { processes: threads, each, alone: !compact }) },
    jobs: { slots, memoryBytes: memory("jobs", { processes: slots, each, alone: slots > 0 }) },
    report: {
      processes: report,
      memoryBytes: memory("report", { processes: report, each: DEFAULTS.reportMemoryPerProcessBytes, alone: report > 0 }),
    },
    integration: { processes: calls, memoryBytes: memory("integration", { processes: calls, each, alone: calls > 0 }) },
  };
}

interface Need {
  readonly processes: number;
  /** Bytes for each of them. */
  readonly each: number;
  /** Whether the role has a container of its own; the memory of one that has none is said only where somebody wrote it. */
  readonly alone: boolean;
}

/** A base for the master and what all workers share, and some more for each of them. */
function memoryOf(subject: Subject, declared: DeclaredSizes) {
  return (role: keyof Sizes, { processes, each, alone }: Need): number => {
    const base = DEFAULTS.odooMemoryBaseBytes;
    const value = base + processes * each;
    const written = declared?.[role]?.memory;
    if (!alone && written === undefined) return value;
    const because = `${formatSize(base)}, and ${formatSize(each)} for each of ${processes}`;
    const otherwise = { value, source: byDefault, ...(processes === 0 ? {} : { because }) };
    return settle(subject, { field: `sizes.${role}.memory`, declared: written, otherwise, show: formatSize });
  };
}

/** The shape of a PostgreSQL server: as declared, else from the tier. */
export function resolvePostgres(subject: Subject, declared: z.output<typeof postgresShape> | undefined, tier: Tier): PostgresShape {
  const source = { kind: "tier", tier: tier.name } as const;
  const { sizes: ofTier, replica } = tier;
  const storageBytes = note(subject, "postgres.storage", declared?.storage, formatSize);
  return {
    memoryBytes: settle(subject, {
      field: "postgres.memory",
      declared: declared?.memory,
      otherwise: { value: ofTier.postgresMemoryBytes, source },
      show: formatSize,
    }),
    maxConnections: settle(subject, {
      field: "postgres.maxConnections",
      declared: declared?.maxConnections,
      otherwise: { value: ofTier.postgresMaxConnections, source },
    }),
    replica: settle(subject, { field: "postgres.replica", declared: declared?.replica, otherwise: { value: replica, source } }),
    ...(storageBytes === undefined ? {} : { storageBytes }),
  };
}

/** Only what is declared is a wall. */
export function resolveQuotas(subject: Subject, declared: z.output<typeof quotas> | undefined): Quotas {
  if (declared === undefined) return {};
  const { memory, disk, ...counts } = declared;
  note(subject, "quotas.memory", memory, formatSize);
  note(subject, "quotas.disk", disk, formatSize);
  for (const field of ["cpus", "pids", "connections", "cronThreads", "jobSlots"] as const) note(subject, `quotas.${field}`, counts[field]);
  const { cpus, pids, connections, cronThreads, jobSlots } = counts;
  return {
    ...(memory === undefined ? {} : { memoryBytes: memory }),
    ...(disk === undefined ? {} : { diskBytes: disk }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(pids === undefined ? {} : { pids }),
    ...(connections === undefined ? {} : { connections }),
    ...(cronThreads === undefined ? {} : { cronThreads }),
    ...(jobSlots === undefined ? {} : { jobSlots }),
  };
}
