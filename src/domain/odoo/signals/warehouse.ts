import { type KnownSeries, lastFrom } from "../known-series.ts";
import { A_DAY_AGO, type Signal, UTC_NOW } from "./signal.ts";

/** Goods that move. `stock_picking.date_done` has no index on 14.0: on large tables `moves-done` is the cheaper one. */
export function warehouseSignals(series: KnownSeries): readonly Signal[] {
  // What was done on a line is its quantity since 17.0, once it counts as picked.
  const done = lastFrom(series, [
    ["14.0", "qty_done"],
    ["17.0", "quantity"],
  ]);
  return [
    {
      name: "transfers-done",
      tells: "transfers shipped, received and moved an hour",
      needs: ["stock_picking", "stock_picking_type"],
      sql: `SELECT date_trunc('hour', p.date_done) AS hour, t.code, count(*) AS transfers FROM stock_picking p JOIN stock_picking_type t ON t.id = p.picking_type_id WHERE p.state = 'done' AND p.date_done >= ${A_DAY_AGO} GROUP BY 1, 2`,
    },
    {
      name: "moves-done",
      tells: "stock moves done an hour",
      needs: ["stock_move"],
      sql: `SELECT date_trunc('hour', date) AS hour, count(*) AS moves FROM stock_move WHERE state = 'done' AND date >= ${A_DAY_AGO} GROUP BY 1`,
    },
    {
      name: "lines-done",
      tells: "lines picked an hour, and how much",
      needs: [`stock_move_line.${done}`],
      sql: `SELECT date_trunc('hour', date) AS hour, count(*) AS lines, sum(${done}) AS quantity FROM stock_move_line WHERE state = 'done' AND date >= ${A_DAY_AGO} GROUP BY 1`,
    },
    {
      name: "late-work",
      tells: "open transfers: how many, how many are late, past their deadline, and by how much",
      needs: ["stock_picking.date_deadline", "stock_picking_type"],
      sql: `SELECT t.code, p.state, count(*) AS transfers, count(*) FILTER (WHERE p.scheduled_date < ${UTC_NOW}) AS late, count(*) FILTER (WHERE p.date_deadline < ${UTC_NOW}) AS past_deadline, extract(epoch FROM max(${UTC_NOW} - p.scheduled_date)) AS worst_seconds FROM stock_picking p JOIN stock_picking_type t ON t.id = p.picking_type_id WHERE p.state IN ('confirmed', 'waiting', 'assigned') GROUP BY 1, 2`,
    },
    {
      name: "confirm-to-ship",
      tells: "seconds from the confirmed order to the shipped delivery: median and 95th percentile",
      needs: ["stock_picking.sale_id", "stock_picking_type", "sale_order"],
      sql: `SELECT percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(epoch FROM p.date_done - s.date_order)) AS seconds FROM stock_picking p JOIN sale_order s ON s.id = p.sale_id JOIN stock_picking_type t ON t.id = p.picking_type_id WHERE p.state = 'done' AND t.code = 'outgoing' AND p.date_done >= ${A_DAY_AGO}`,
    },
    {
      name: "missing-labels",
      tells: "deliveries that left with a connected carrier and have no tracking number",
      needs: ["stock_picking.carrier_tracking_ref", "delivery_carrier"],
      sql: `SELECT c.delivery_type, count(*) AS deliveries FROM stock_picking p JOIN delivery_carrier c ON c.id = p.carrier_id WHERE p.state = 'done' AND c.integration_level = 'rate_and_ship' AND c.delivery_type NOT IN ('fixed', 'base_on_rule') AND coalesce(p.carrier_tracking_ref, '') = '' AND p.date_done >= ${A_DAY_AGO} GROUP BY 1`,
    },
  ];
}
