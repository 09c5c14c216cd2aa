import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { FleetInsides } from "./fleet-insides.ts";
import type { LaunchedFleet } from "./launched-fleet.ts";

/** A few people who enter orders and confirm them, as they would in a browser; a second or so between two orders of one of them. */
export interface Clerk {
  /** One order from start to confirmation. `confirmed` is set once Odoo said so; `said` is what a browser would be told. */
  enter(): Promise<Entered>;
  /** How many of these orders Odoo shows as confirmed. */
  confirmedOf(orders: readonly number[]): Promise<unknown>;
  /** Attaches a file of some MiB to the company, which lies in the filestore; what the browser was told. */
  attach(mebibytes: number): Promise<string>;
}

export interface Entered {
  readonly confirmed?: number;
  /** `200`, `502`, or `200 Odoo Server Error`: the answer in which it ended. */
  readonly said: string;
}

const PAUSE_MS = 300;

export async function clerkAt(fleet: LaunchedFleet, environment: string, pauseMs = PAUSE_MS): Promise<Clerk> {
  const { session } = await fleet.signIn(environment, fleet.password(environment));
  async function call(model: string, method: string, args: readonly unknown[]): Promise<{ result?: unknown; said: string }> {
    const body = { jsonrpc: "2.0", method: "call", params: { model, method, args, kwargs: {} } };
    const answer = await fleet
      .ask(environment, `/web/dataset/call_kw/${model}/${method}`, { headers: { cookie: session }, body, seconds: 30 })
      .catch((error: Error) => ({ status: 0, body: "", said: error.message }));
    if (answer.status !== 200) return { said: "said" in answer ? `no answer: ${answer.said}` : String(answer.status) };
    const { result, error } = JSON.parse(answer.body) as { result?: unknown; error?: { message: string } };
    return error === undefined ? { result, said: "200" } : { said: `200 ${error.message}` };
  }
  let buyer: number | undefined;
  return {
    confirmedOf: async (orders) =>
      (
        await call("sale.order", "search_count", [
          [
            ["id", "in", orders],
            ["state", "=", "sale"],
          ],
        ])
      ).result,
    async attach(mebibytes) {
      const datas = randomBytes(mebibytes * 1024 ** 2).toString("base64");
      return (await call("ir.attachment", "create", [[{ name: "Delivery note", datas, res_model: "res.company", res_id: 1 }]])).said;
    },
    async enter() {
      await sleep(pauseMs);
      buyer ??= ((await call("res.partner", "create", [[{ name: "Buyer" }]])).result as [number] | undefined)?.[0];
      const made = await call("sale.order", "create", [[{ partner_id: buyer }]]);
      const [order] = (made.result ?? []) as number[];
      if (order === undefined) return { said: made.said };
      const confirmed = await call("sale.order", "action_confirm", [[order]]);
      return confirmed.result === true ? { confirmed: order, said: "200" } : { said: confirmed.said };
    },
  };
}

/** The orders that are confirmed in the database. */
export async function confirmedOrders(insides: FleetInsides, environment: string, stack: string): Promise<ReadonlySet<number>> {
  return await insides.asTenant(environment, stack, async (client) => {
    const { rows } = await client.query<{ id: number }>("SELECT id FROM sale_order WHERE state = 'sale'");
    return new Set(rows.map((row) => row.id));
  });
}
