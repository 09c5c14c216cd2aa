import { type KnownSeries, lastFrom } from "./known-series.ts";
import type { Statement } from "./rekey.ts";

/** The table of payment providers; called acquirers before 16.0. */
export function paymentTable(series: KnownSeries): "payment_acquirer" | "payment_provider" {
  return lastFrom<"payment_acquirer" | "payment_provider">(series, [
    ["14.0", "payment_acquirer"],
    ["16.0", "payment_provider"],
  ]);
}

/** A mail server that leads nowhere, so that nothing falls back to one of the machine. The kind of login became a column in 15.0. */
function deadMailServer(series: KnownSeries): Statement {
  const [columns, values] = lastFrom(series, [
    ["14.0", ["", ""]],
    ["15.0", [", smtp_authentication", ", 'login'"]],
  ] as const);
  return {
    where: "ir_mail_server",
    values: [],
    text: `INSERT INTO public.ir_mail_server (name, smtp_port, smtp_host, smtp_encryption${columns}, active) VALUES ('neutralised', 1025, 'invalid', 'none'${values}, true)`,
  };
}

function plain(where: string, text: string): Statement {
  return { where, values: [], text };
}

/**
 * Mail, carriers, payment and scheduled work switched off in a copy that must not act on the outside world, for tables that exist. Source: each module's
 * `data/neutralize.sql` from 16.0 on, of which 14.0 and 15.0 have none, and what it leaves out: mail that is waiting.
 */
export function neutralising(series: KnownSeries): readonly Statement[] {
  const payment = paymentTable(series);
  return [
    plain("ir_mail_server", "UPDATE public.ir_mail_server SET active = false"),
    plain("fetchmail_server", "UPDATE public.fetchmail_server SET active = false"),
    plain("mail_template.mail_server_id", "UPDATE public.mail_template SET mail_server_id = NULL WHERE mail_server_id IS NOT NULL"),
    deadMailServer(series),
    plain(
      "ir_cron",
      "UPDATE public.ir_cron SET active = false WHERE id NOT IN (SELECT res_id FROM public.ir_model_data WHERE model = 'ir.cron' AND module = 'base' AND name = 'autovacuum_job')",
    ),
    plain("mail_mail", "UPDATE public.mail_mail SET state = 'cancel' WHERE state IN ('outgoing', 'exception')"),
    plain("delivery_carrier", "UPDATE public.delivery_carrier SET prod_environment = false"),
    plain("delivery_carrier", "UPDATE public.delivery_carrier SET active = false WHERE delivery_type NOT IN ('fixed', 'base_on_rule')"),
    plain(payment, `UPDATE public.${payment} SET state = 'disabled' WHERE state NOT IN ('test', 'disabled')`),
    plain("iap_account", "UPDATE public.iap_account SET account_token = 'dummy' || id"),
    plain("sms_sms", "UPDATE public.sms_sms SET state = 'canceled' WHERE state IN ('outgoing', 'error')"),
    plain(
      "ir_config_parameter",
      "INSERT INTO public.ir_config_parameter (key, value) VALUES ('database.is_neutralized', 'True') ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    ),
  ];
}
