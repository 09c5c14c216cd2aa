import { failure } from "../../kernel/problem.ts";
import type { OdooClient } from "./client.ts";
import type { Goods } from "./goods.ts";

/** Tells one finished step of a journey. */
export type Passed = (step: string, saw: string) => void;

interface Order {
  readonly id: number;
  readonly name: string;
  readonly state: string;
  readonly picking_ids: readonly number[];
}

export interface JourneyRun {
  readonly odoo: OdooClient;
  readonly goods: Goods;
  readonly at: string;
  readonly passed: Passed;
}

/** A quotation becomes an order becomes a delivery, as a salesman and a warehouse worker would do it. Leaves done stock moves behind: only for an ephemeral clone. */
export async function runOrderToDelivery({ odoo, goods, at, passed }: JourneyRun): Promise<void> {
  const [product] = await odoo.call<number[]>("product.product", "create", {
    vals_list: [{ name: "Ballast journey pallet", ...goods.stored, list_price: 10 }],
  });
  const [customer] = await odoo.call<number[]>("res.partner", "create", { vals_list: [{ name: "Ballast journey customer" }] });
  await goods.receive(odoo, { product: product as number, location: await stockLocation(odoo, at), quantity: 5 });
  passed("stock", "5 pallets received into stock");
  const [quotation] = await odoo.call<number[]>("sale.order", "create", {
    vals_list: [{ partner_id: customer, order_line: [[0, 0, { product_id: product, product_uom_qty: 3 }]] }],
  });
  passed("quotation", `quotation ${(await readOrder(odoo, quotation as number)).name}`);
  await odoo.call("sale.order", "action_confirm", { ids: [quotation] });
  const order = await readOrder(odoo, quotation as number);
  if (order.state !== "sale") throw failure("BAL-W007", at, `order ${order.name} is "${order.state}" after it was confirmed`);
  passed("order", `order ${order.name} confirmed`);
  passed("delivery", await deliver({ odoo, goods, at }, order));
}

async function readOrder(odoo: OdooClient, id: number): Promise<Order> {
  const [order] = await odoo.call<Order[]>("sale.order", "read", { ids: [id], fields: ["name", "state", "picking_ids"] });
  return order as Order;
}

async function stockLocation(odoo: OdooClient, at: string): Promise<number> {
  const [warehouse] = await odoo.call<{ lot_stock_id: [number, string] }[]>("stock.warehouse", "search_read", {
    domain: [],
    fields: ["lot_stock_id"],
    limit: 1,
  });
  if (warehouse === undefined) throw failure("BAL-W007", at, "has no warehouse");
  return warehouse.lot_stock_id[0];
}

async function deliver({ odoo, goods, at }: Omit<JourneyRun, "passed">, order: Order): Promise<string> {
  const [picking] = order.picking_ids;
  if (picking === undefined) throw failure("BAL-W007", at, `order ${order.name} made no delivery`);
  await odoo.call("stock.picking", "action_assign", { ids: [picking] });
  await goods.pick(odoo, picking);
  await odoo.call("stock.picking", "button_validate", { ids: [picking], context: { skip_sms: true, skip_backorder: true } });
  const [done] = await odoo.call<{ name: string; state: string }[]>("stock.picking", "read", { ids: [picking], fields: ["name", "state"] });
  if (done?.state !== "done")
    throw failure("BAL-W007", at, `delivery ${done?.name ?? picking} is "${done?.state ?? "gone"}" after it was validated`);
  return `delivery ${done.name} done`;
}
