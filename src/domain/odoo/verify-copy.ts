import type { KnownSeries } from "./known-series.ts";
import { paymentTable } from "./neutralise.ts";
import type { Identity } from "./rekey.ts";

/** One question to a copy, after everything was written to it: an answer with a row is a reason not to use it. */
export interface CopyCheck {
  readonly table: string;
  /** Columns that it reads. Where one is missing there is nothing to check, as in a series or without a module that has it. */
  readonly columns: readonly string[];
  readonly text: string;
  readonly values: readonly (string | number)[];
  /** What is wrong where there is a row. */
  readonly says: string;
}

export interface CopyRequest {
  readonly identity: Identity;
  readonly apiKeyHash: string;
  /** The series whose neutralising the copy went through; missing for a production that is new. */
  readonly neutralised?: KnownSeries;
}

/**
 * What must be true of a copy before anybody uses it. Read after the last write, by a session that writes nothing: what a tenant planted in its own
 * data (a trigger, a rule, a policy) may undo what was written, and is found here.
 */
export function copyChecks({ identity, apiKeyHash, neutralised }: CopyRequest): readonly CopyCheck[] {
  const own: readonly CopyCheck[] = [
    ...parameterChecks({
      "database.secret": identity.databaseSecret,
      "database.uuid": identity.databaseUuid,
      "web.base.url": identity.baseUrl,
      "report.url": identity.reportUrl,
    }),
    none("res_users", ["id", "password"], "id <> 2 AND password IS NOT NULL", "people can still sign in with their passwords"),
    {
      ...none("res_users", ["id", "login", "password"], "id = 2", "the first administrator is not the copy's own"),
      text: "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM public.res_users WHERE id = 2 AND login = $1 AND password = $2)",
      values: [identity.adminLogin, identity.adminPasswordHash],
    },
    { ...none("res_users_apikeys", ["key"], "key <> $1 OR key IS NULL", "an API key of the original is left"), values: [apiKeyHash] },
    none("ballast_session", [], "true", "sessions of the original are left"),
  ];
  return neutralised === undefined ? own : [...own, ...neutralChecks(neutralised)];
}

function parameterChecks(parameters: Readonly<Record<string, string>>): readonly CopyCheck[] {
  return Object.entries(parameters).map(([key, value]) => ({
    table: "ir_config_parameter",
    columns: ["key", "value"],
    // Exactly one row, and that value: a second row of the same key could be the one that is read.
    text: "SELECT 1 FROM public.ir_config_parameter WHERE key = $1 HAVING count(*) <> 1 OR bool_or(value IS DISTINCT FROM $2)",
    values: [key, value],
    says: `${key} is not the copy's own`,
  }));
}

function neutralChecks(series: KnownSeries): readonly CopyCheck[] {
  return [
    none("ir_mail_server", ["name", "active"], "active AND name <> 'neutralised'", "a mail server is active"),
    none("fetchmail_server", ["active"], "active", "a server from which mail is fetched is active"),
    {
      ...none("ir_cron", ["id", "active"], "active", "a scheduled job is active"),
      text: "SELECT 1 FROM public.ir_cron WHERE active AND id NOT IN (SELECT res_id FROM public.ir_model_data WHERE model = 'ir.cron' AND module = 'base' AND name = 'autovacuum_job') LIMIT 1",
    },
    none("mail_mail", ["state"], "state IN ('outgoing', 'exception')", "mail is waiting to be sent"),
    none("sms_sms", ["state"], "state IN ('outgoing', 'error')", "text messages are waiting to be sent"),
    none("delivery_carrier", ["prod_environment"], "prod_environment", "a carrier is booked for real"),
    none(paymentTable(series), ["state"], "state NOT IN ('test', 'disabled')", "a payment provider is enabled"),
  ];
}

function none(table: string, columns: readonly string[], where: string, says: string): CopyCheck {
  return { table, columns, text: `SELECT 1 FROM public.${table} WHERE ${where} LIMIT 1`, values: [], says };
}
