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
  readonly workers: number;
  readonly cronThreads: number;
  readonly connectionsPerProcess: number;
  readonly memoryMiB: number;
  readonly logLevel: string;
}

const MIB = 1024 * 1024;

/**
 * The text of `odoo.conf`. One database, no list of databases, forwarded headers trusted because only the ingress reaches the process.
 * `limit_memory_soft` compares virtual memory, so it is set well above the container's limit, which is the real wall.
 */
export function renderConfig(settings: OdooSettings): string {
  const { facts } = settings;
  const options: Readonly<Record<string, string | number>> = {
    addons_path: "/usr/lib/python3/dist-packages/odoo/addons,/opt/ballast/addons",
    data_dir: "/var/lib/odoo",
    server_wide_modules: [...facts.serverWideModules, "ballast_guard"].join(","),
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
    limit_time_cpu: 60,
    limit_time_real: 120,
    without_demo: facts.withoutDemo,
    log_level: settings.logLevel,
  };
  return `[options]\n${Object.entries(options)
    .map(([key, value]) => `${key} = ${value}`)
    .join("\n")}\n`;
}
