import { JOBS_MODULE, JOBS_SERVER_WIDE } from "./jobs.ts";
import type { OdooRole } from "./role.ts";
import type { SeriesFacts } from "./series.ts";

/** What an Odoo process must be told. Passwords enter here and leave only in the text of the file. */
export interface OdooSettings {
  readonly facts: SeriesFacts;
  readonly databaseHost: string;
  readonly databasePort: number;
  readonly databaseName: string;
  readonly databaseRole: string;
  readonly databasePassword: string;
  /** Hash of the master password, `$pbkdf2-sha512$…`; the plain one is never written. */
  readonly masterPasswordHash: string;
  /** What the process is there for. */
  readonly roles: readonly OdooRole[];
  readonly workers: number;
  readonly cronThreads: number;
  /** Where the runner of queued jobs finds the database; only with role `jobs`. */
  readonly jobs?: { readonly slots: number };
  /** Sessions shared with other process groups; files in the data folder when missing. */
  readonly sessions?: SessionStore;
  /** The server itself, for connections that listen; missing where all of them go there. */
  readonly listensAt?: { readonly host: string; readonly port: number };
  readonly connectionsPerProcess: number;
  readonly memoryMiB: number;
  readonly logLevel: string;
}

/** A cache of sessions that lie in the database, in a corner of Redis that nobody else sees. */
export interface SessionStore {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly prefix: string;
}

const MIB = 1024 * 1024;
/** A request that lasts longer ends its worker; an Odoo of one threaded process starts again as a whole. */
export const REQUEST_LIMIT_SECONDS = 120;

/**
 * The text of `odoo.conf`. One database, no list of databases, forwarded headers trusted because only the ingress reaches the process.
 * `limit_memory_soft` compares virtual memory, so it is set well above the container's limit, which is the real wall.
 */
export function renderConfig(settings: OdooSettings): string {
  const { facts } = settings;
  const options: Readonly<Record<string, string | number>> = {
    addons_path: "/usr/lib/python3/dist-packages/odoo/addons,/opt/ballast/addons",
    data_dir: "/var/lib/odoo",
    server_wide_modules: serverWideModules(settings).join(","),
    db_host: settings.databaseHost,
    db_port: settings.databasePort,
    db_name: settings.databaseName,
    db_user: settings.databaseRole,
    db_password: settings.databasePassword,
    db_maxconn: settings.connectionsPerProcess,
    list_db: "False",
    admin_passwd: settings.masterPasswordHash,
    proxy_mode: "True",
    http_port: 8069,
    [facts.websocketPortOption]: 8072,
    workers: settings.workers,
    max_cron_threads: settings.cronThreads,
    limit_memory_soft: settings.memoryMiB * 4 * MIB,
    limit_memory_hard: settings.memoryMiB * 5 * MIB,
    ...timeLimits(settings),
    without_demo: facts.withoutDemo,
    log_level: settings.logLevel,
  };
  return [section("options", options), ...extras(settings)].join("\n");
}

/** What the night's scheduled actions may take. One that is cut off is begun again, and with the limit of people one process would be started again for it each time. */
const ACTION_LIMIT_SECONDS = 1800;

/** A person waits for an answer; a job or a scheduled action may take as long as a nightly batch, and one that is cut off has to be done again. */
function timeLimits({ jobs }: OdooSettings): Readonly<Record<string, number>> {
  return jobs === undefined
    ? { limit_time_cpu: 60, limit_time_real: REQUEST_LIMIT_SECONDS, limit_time_real_cron: ACTION_LIMIT_SECONDS }
    : { limit_time_cpu: 900, limit_time_real: 1800, limit_time_real_cron: ACTION_LIMIT_SECONDS };
}

function section(name: string, values: Readonly<Record<string, string | number>>): string {
  return `[${name}]\n${Object.entries(values)
    .map(([key, value]) => `${key} = ${value}`)
    .join("\n")}\n`;
}

function serverWideModules({ facts, jobs, sessions }: OdooSettings): readonly string[] {
  return [
    ...facts.serverWideModules,
    ...(jobs === undefined ? [] : JOBS_SERVER_WIDE),
    "ballast_guard",
    "ballast_cookies",
    ...(sessions === undefined ? [] : ["ballast_sessions"]),
  ];
}

/** Sections of addons: what they are told that Odoo itself has no option for. */
function extras({ roles, jobs, sessions, listensAt }: OdooSettings): readonly string[] {
  return [
    // A master starts a process for the websocket beside its workers unless it has one elsewhere.
    section("ballast", {
      websocket: roles.includes("websocket") ? "here" : "elsewhere",
      ...(listensAt === undefined ? {} : { listen_host: listensAt.host, listen_port: listensAt.port }),
    }),
    ...(jobs === undefined
      ? []
      : [section(JOBS_MODULE, { channels: `root:${jobs.slots}`, scheme: "http", host: "127.0.0.1", port: 8069 })]),
    ...(sessions === undefined ? [] : [section("ballast_sessions", { ...sessions })]),
  ];
}
