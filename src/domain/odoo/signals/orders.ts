import { isFrom, type KnownSeries, lastFrom } from "../known-series.ts";
import { A_DAY_AGO, type Signal } from "./signal.ts";

/** Orders and invoices. `date_order` is rewritten when an order is confirmed; `write_date` would move on any edit. */
export function orderSignals(series: KnownSeries): readonly Signal[] {
  // A locked order was a state of its own before 17.0, and is a mark since.
  const confirmed = isFrom(series, "17.0") ? "= 'sale'" : "IN ('sale', 'done')";
  return [
    {
      name: "orders-confirmed",
      tells: "orders confirmed an hour, and their value",
      needs: ["sale_order"],
      sql: `SELECT date_trunc('hour', date_order) AS hour, count(*) AS orders, sum(amount_total) AS amount FROM sale_order WHERE state ${confirmed} AND date_order >= ${A_DAY_AGO} GROUP BY 1`,
    },
    {
      name: "orders-to-invoice",
      tells: "confirmed orders by what is left to invoice",
      needs: ["sale_order.invoice_status"],
      sql: "SELECT invoice_status, count(*) AS orders FROM sale_order WHERE state = 'sale' GROUP BY 1",
    },
    invoicesPosted(series),
  ];
}

/**
 * An invoice has no time of its own for when it was posted, so the tracked change of its state is counted. Its text is in the language of whoever posted
 * it, hence the comparison with the name of the first state in all languages.
 */
function invoicesPosted(series: KnownSeries): Signal {
  const field = lastFrom(series, [
    ["14.0", "field"],
    ["17.0", "field_id"],
  ]);
  return {
    name: "invoices-posted",
    tells: "invoices and other entries posted an hour",
    needs: [`mail_tracking_value.${field}`, "account_move"],
    sql: `SELECT date_trunc('hour', tv.create_date) AS hour, count(*) AS invoices FROM mail_tracking_value tv JOIN ir_model_fields f ON f.id = tv.${field} WHERE f.model = 'account.move' AND f.name = 'state' AND tv.old_value_char IN (${draftNames(series)}) AND tv.create_date >= ${A_DAY_AGO} GROUP BY 1`,
  };
}

/** The word for a draft in each language that is installed: translations are rows before 16.0, and keys of a JSON column since. */
function draftNames(series: KnownSeries): string {
  const draft =
    "SELECT %s FROM ir_model_fields_selection s JOIN ir_model_fields sf ON sf.id = s.field_id%s WHERE sf.model = 'account.move' AND sf.name = 'state' AND s.value = 'draft'";
  if (isFrom(series, "16.0")) return draft.replace("%s", "word.value").replace("%s", ", jsonb_each_text(s.name) AS word");
  const translated =
    "SELECT t.value FROM ir_translation t JOIN ir_model_fields_selection s ON s.id = t.res_id JOIN ir_model_fields sf ON sf.id = s.field_id WHERE t.name = 'ir.model.fields.selection,name' AND sf.model = 'account.move' AND sf.name = 'state' AND s.value = 'draft'";
  return `${draft.replace("%s", "s.name").replace("%s", "")} UNION ALL ${translated}`;
}
