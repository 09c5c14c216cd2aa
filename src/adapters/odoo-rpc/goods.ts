import { isFrom, type KnownSeries } from "../../domain/odoo/known-series.ts";
import type { OdooClient } from "./client.ts";

/** What people do with goods in a series, where the calls differ. */
export interface Goods {
  /** The values that make a product one of which stock is kept. */
  readonly stored: Readonly<Record<string, unknown>>;
  /** Counts a quantity into a location. */
  receive(odoo: OdooClient, count: { readonly product: number; readonly location: number; readonly quantity: number }): Promise<void>;
  /** Says of a reserved delivery that all of it was picked. */
  pick(odoo: OdooClient, picking: number): Promise<void>;
}

/**
 * Source: `stock` of each series. A storable product is a type of its own before 18.0. A count is applied at once before 15.0, by a call since. Before 17.0 a
 * delivery without done quantities is answered with a wizard; since then what is reserved counts as done. The reserved quantity was renamed in 16.0.
 */
export function goodsOf(series: KnownSeries): Goods {
  return {
    stored: isFrom(series, "18.0") ? { type: "consu", is_storable: true } : { type: "product" },
    async receive(odoo, { product, location, quantity }) {
      const quants = await odoo.call<number[]>("stock.quant", "create", {
        vals_list: [{ product_id: product, location_id: location, inventory_quantity: quantity }],
        context: { inventory_mode: true },
      });
      if (isFrom(series, "15.0")) await odoo.call("stock.quant", "action_apply_inventory", { ids: quants });
    },
    async pick(odoo, picking) {
      if (isFrom(series, "17.0")) return;
      const reserved = isFrom(series, "16.0") ? "reserved_uom_qty" : "product_uom_qty";
      const lines = await odoo.call<(Record<string, number> & { id: number })[]>("stock.move.line", "search_read", {
        domain: [["picking_id", "=", picking]],
        fields: [reserved],
      });
      for (const line of lines) await odoo.call("stock.move.line", "write", { ids: [line.id], vals: { qty_done: line[reserved] } });
    },
  };
}
