import { expect, test } from "vitest";
import { hangs } from "./made-from.ts";

const labels = (kind: string, make?: number) => ({
  "ballast.kind": kind,
  ...(make === undefined ? {} : { "ballast.made": JSON.stringify({ make }) }),
});

test("a pooler that does not answer hangs, whatever version made it; a server that is only slow to answer does not", () => {
  const unhealthy = "Up 3 minutes (unhealthy)";
  expect([hangs(labels("pooler"), unhealthy), hangs(labels("pooler"), "Up 3 minutes (healthy)")]).toEqual([true, false]);
  expect([hangs(labels("postgres"), unhealthy), hangs(labels("ingress"), unhealthy)]).toEqual([false, false]);
});

test("an Odoo hangs where its health check looks for a sign of life, and not where an older one only asked it", () => {
  const unhealthy = "Up 3 minutes (unhealthy)";
  expect([hangs(labels("odoo"), unhealthy), hangs(labels("odoo", 3), unhealthy), hangs(labels("odoo", 4), unhealthy)]).toEqual([
    false,
    false,
    true,
  ]);
});
