import { expect, test } from "vitest";
import { seenAs } from "../../../test/support/arbitrary-stack.ts";
import { admit } from "../admission/admit.ts";
import type { AnyNode, Stack } from "../stack/node.ts";
import { planStack } from "./plan.ts";

const SHOP = "acme/production";
const CLOSED_UNTIL_SUNDAY = {
  protectedByCalendar: true,
  window: { admitsDisruption: false, because: ["outside maintenance"] },
  nameToConfirm: "acme",
} as const;

interface Sizes {
  readonly memoryMiB?: number;
  readonly connectionLimit?: number;
  readonly reportUrl?: string;
  readonly diskQuotaBytes?: number;
}

function shop({ memoryMiB = 768, connectionLimit = 20, reportUrl = "http://127.0.0.1:8069", diskQuotaBytes = 1 }: Sizes): Stack {
  const database = { id: `${SHOP}/database`, kind: "database", spec: { connectionLimit, reportUrl, diskQuotaBytes }, uses: [], from: [] };
  const uses = [{ to: `${SHOP}/database`, as: "data" }];
  const odoo = { id: `${SHOP}/odoo`, kind: "odoo", spec: { memoryMiB }, uses, from: [] };
  return { id: SHOP, role: "environment", nodes: [database, odoo] as unknown as readonly AnyNode[] };
}

function heldOf(after: Sizes): readonly string[] {
  const { changes } = planStack(shop(after), seenAs(shop({})));
  const intent = { verb: "apply", actor: { kind: "person", name: "ana" }, stack: SHOP, changes } as const;
  return admit(intent, CLOSED_UNTIL_SUNDAY, 0).held.map(({ change }) => change.node);
}

test("what is made for processes that wait for their restart waits with them: they would meet limits and addresses that are not theirs", () => {
  const both = [`${SHOP}/database`, `${SHOP}/odoo`];
  expect(heldOf({ memoryMiB: 512, connectionLimit: 12 })).toEqual(both);
  expect(heldOf({ memoryMiB: 512, reportUrl: "http://odoo-report:8069" })).toEqual(both);
});

test("what has nothing to do with the processes does not wait for them, and what changes alone waits for nobody", () => {
  expect(heldOf({ memoryMiB: 512, diskQuotaBytes: 2 })).toEqual([`${SHOP}/odoo`]);
  expect(heldOf({ connectionLimit: 12 })).toEqual([]);
});
