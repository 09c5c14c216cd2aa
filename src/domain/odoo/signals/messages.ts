import { isFrom, type KnownSeries, lastFrom } from "../known-series.ts";
import type { Signal } from "./signal.ts";

/** What should leave the house by mail, text message or electronic invoice. Sent mail is usually deleted, so states are counted, not what went through. */
export function messageSignals(series: KnownSeries): readonly Signal[] {
  const notification = lastFrom(series, [
    ["14.0", "mail_message_res_partner_needaction_rel"],
    ["15.0", "mail_notification"],
  ]);
  const smsFailure = lastFrom(series, [
    ["14.0", "error_code"],
    ["15.0", "failure_type"],
  ]);
  const blocking = isFrom(series, "15.0") ? ", count(*) FILTER (WHERE d.blocking_level = 'error') AS blocked" : "";
  return [
    {
      name: "mail",
      tells: "mail by state, and since when the oldest waits",
      needs: ["mail_mail", "mail_message"],
      sql: "SELECT mm.state, count(*) AS mails, min(m.date) AS oldest FROM mail_mail mm JOIN mail_message m ON m.id = mm.mail_message_id GROUP BY 1",
    },
    {
      name: "notifications",
      tells: "notifications by state and by what failed",
      needs: [`${notification}.notification_status`],
      sql: `SELECT notification_status, failure_type, count(*) AS notifications FROM ${notification} GROUP BY 1, 2`,
    },
    {
      name: "sms",
      tells: "text messages by state and by what failed",
      needs: [`sms_sms.${smsFailure}`],
      sql: `SELECT state, ${smsFailure} AS failure, count(*) AS messages FROM sms_sms GROUP BY 1, 2`,
    },
    {
      name: "edi",
      tells: "electronic documents by format and state, those with an error, and the oldest",
      needs: ["account_edi_document", "account_edi_format"],
      sql: `SELECT f.code, d.state, count(*) AS documents, count(*) FILTER (WHERE d.error IS NOT NULL) AS failed${blocking}, min(d.create_date) AS oldest FROM account_edi_document d JOIN account_edi_format f ON f.id = d.edi_format_id GROUP BY 1, 2`,
    },
  ];
}
