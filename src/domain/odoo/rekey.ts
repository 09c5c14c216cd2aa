/** One statement with its parameters; values never enter the text. */
export interface Statement {
  readonly text: string;
  readonly values: readonly (string | number | boolean)[];
  /** The table, or `table.column`, without which it has nothing to do: which exist depends on the installed modules. */
  readonly where?: string;
}

/** What makes a cloned database somebody's own. */
export interface Identity {
  readonly databaseSecret: string;
  readonly databaseUuid: string;
  readonly baseUrl: string;
  /** The internal name under which PDF reports call Odoo back. */
  readonly reportUrl: string;
  readonly adminLogin: string;
  readonly adminPasswordHash: string;
  /** UTC, `2026-11-22 19:00:00`. */
  readonly createdAt: string;
  /** Minutes by which its daily actions are moved (`shiftOf`). */
  readonly dailyShift: number;
}

/**
 * The statements that give a copy an identity of its own and take away what it inherited: session and portal secrets, URL, passwords, API keys, one-time secrets, sign-up tokens.
 * Source: `ir.config_parameter.init(force=True)` and what it forgets. The same for all series: a column that a series does not have is named in `where`.
 */
export function rekeyStatements(identity: Identity): readonly Statement[] {
  return [
    parameter("database.secret", identity.databaseSecret),
    parameter("database.uuid", identity.databaseUuid),
    parameter("database.create_date", identity.createdAt),
    parameter("web.base.url", identity.baseUrl),
    parameter("web.base.url.freeze", "True"),
    parameter("report.url", identity.reportUrl),
    {
      text: "DELETE FROM public.ir_config_parameter WHERE key IN ('database.enterprise_code', 'database.expiration_date', 'database.expiration_reason')",
      values: [],
    },
    { text: "DELETE FROM public.res_users_apikeys", values: [] },
    { text: "DELETE FROM public.ballast_session", values: [], where: "ballast_session" },
    { text: "UPDATE public.res_users SET password = NULL WHERE id <> 2", values: [] },
    // Somebody else may have this login where the copy is one of a tenant's own data.
    { text: "UPDATE public.res_users SET login = login || '~' || id WHERE login = $1 AND id <> 2", values: [identity.adminLogin] },
    {
      text: "UPDATE public.res_users SET login = $1, password = $2, active = true WHERE id = 2",
      values: [identity.adminLogin, identity.adminPasswordHash],
    },
    // Older series open an account with a stored token; newer ones sign it with the secret that was changed above.
    {
      text: "UPDATE public.res_partner SET signup_token = NULL, signup_expiration = NULL WHERE signup_token IS NOT NULL",
      values: [],
      where: "res_partner.signup_token",
    },
    {
      text: "UPDATE public.res_partner SET signup_type = NULL WHERE signup_type IS NOT NULL",
      values: [],
      where: "res_partner.signup_type",
    },
    { text: "UPDATE public.res_users SET totp_secret = NULL WHERE totp_secret IS NOT NULL", values: [], where: "res_users.totp_secret" },
    dailyShiftStatement(identity.dailyShift),
  ];
}

/**
 * Moves what runs once a day or more rarely within its hour: all copies of one template would else begin their nightly work in the same minute. Seconds
 * stay, and so do actions that run several times a day. Columns that all series have.
 */
function dailyShiftStatement(shift: number): Statement {
  return {
    where: "ir_cron.interval_type",
    text: `UPDATE public.ir_cron SET nextcall = date_trunc('hour', nextcall)
        + make_interval(mins => (date_part('minute', nextcall)::int + $1::int) % 60) + (nextcall - date_trunc('minute', nextcall))
      WHERE interval_type NOT IN ('minutes', 'hours') OR (interval_type = 'hours' AND interval_number >= 24)
        OR (interval_type = 'minutes' AND interval_number >= 1440)`,
    values: [shift],
  };
}

function parameter(key: string, value: string): Statement {
  return {
    text: "INSERT INTO public.ir_config_parameter (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    values: [key, value],
  };
}

/** An API key for Ballast's own calls, as `res.users.apikeys._generate` would store it: the first eight characters find the row, the hash proves the rest. It has no date of its own: its generation ends it. The table is the same in all series; 18.0 added a date that may stay empty. */
export function apiKeyStatement(key: { readonly name: string; readonly key: string; readonly keyHash: string }): Statement {
  return {
    text: "INSERT INTO public.res_users_apikeys (name, user_id, scope, key, index, create_date) VALUES ($1, 2, 'rpc', $2, $3, now() at time zone 'utc')",
    values: [key.name, key.keyHash, key.key.slice(0, 8)],
  };
}

/** What a living tenant must know follows its declaration: its URL, and where reports call back. Nothing is written where nothing differs. */
export function addressStatements({ baseUrl, reportUrl }: Pick<Identity, "baseUrl" | "reportUrl">): readonly Statement[] {
  return Object.entries({ "web.base.url": baseUrl, "report.url": reportUrl }).map(([key, value]) => ({
    text: "UPDATE public.ir_config_parameter SET value = $2 WHERE key = $1 AND value <> $2",
    values: [key, value],
  }));
}

/** Makes an API key of Ballast's the only one: the one before it ends. */
export function onlyApiKeyStatements(key: { readonly name: string; readonly key: string; readonly keyHash: string }): readonly Statement[] {
  return [{ text: "DELETE FROM public.res_users_apikeys WHERE name = $1 AND user_id = 2", values: [key.name] }, apiKeyStatement(key)];
}

/** Gives a living database another key for what it signs: sessions end, and links that were sent before, to set a password for instance, are worth nothing. */
export function databaseSecretStatement(secret: string): Statement {
  return parameter("database.secret", secret);
}

/** Gives the first administrator another password, whatever people changed it to. */
export function adminPasswordStatement(hash: string): Statement {
  return { text: "UPDATE public.res_users SET password = $1 WHERE id = 2", values: [hash] };
}

/** Leads the mail of a neutralised copy to a mailbox that sends nothing on; the dummy server that neutralising left is the one that is used. */
export function mailToStatements({ host, port }: { readonly host: string; readonly port: number }): readonly Statement[] {
  return [
    {
      where: "ir_mail_server",
      text: "UPDATE public.ir_mail_server SET smtp_host = $1, smtp_port = $2, active = true WHERE name = 'neutralised' AND (smtp_host, smtp_port) IS DISTINCT FROM ($1, $2)",
      values: [host, port],
    },
  ];
}
