import { expect, test } from "vitest";
import type { SeriesSubject } from "./sessions.ts";

/** What holds for reports where a container of its own answers what they call back for. The fleet must be up. */
export function reportSuite({ fleet, insides, environment, series }: SeriesSubject): void {
  test("six reports at once come out as one alone, and the container of reports hands out what they call back for", async () => {
    const odoo = await insides.rpc(environment, series);
    const [reader] = await odoo.call<number[]>("res.partner", "create", { vals_list: [{ name: "Reader" }] });
    const [order] = await odoo.call<number[]>("sale.order", "create", { vals_list: [{ partner_id: reader }] });
    const { session } = await fleet.signIn(environment, fleet.password(environment));
    const print = () => fleet.ask(environment, `/report/pdf/sale.report_saleorder/${order}`, { headers: { cookie: session } });
    const callbacks = async () =>
      (await insides.accessLog(environment, "odoo-report")).filter(({ target }) => target.startsWith("/web/")).length;
    const alone = await print();
    expect([alone.status, alone.body.slice(0, 5), alone.body.length > 5000]).toEqual([200, "%PDF-", true]);
    const before = await callbacks();
    const together = await Promise.all([1, 2, 3, 4, 5, 6].map(print));
    expect(together.map((report) => [report.status, report.body.length])).toEqual(together.map(() => [200, alone.body.length]));
    expect((await callbacks()) - before).toBeGreaterThanOrEqual(6);
  });
}
