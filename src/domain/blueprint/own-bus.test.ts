import { expect, test } from "vitest";
import { document, ground } from "../../../test/support/fleet-text.ts";
import { loaded } from "../../../test/support/fleets.ts";
import { nameOf, type StackNode } from "../stack/node.ts";
import { compile } from "./compile.ts";

/** The Odoo containers of a tenant in a pool, each with where it meets and to whom it opens connections to a database, in order. */
function odooOf(environment: string): readonly string[] {
  const text = [
    ...ground("own"),
    document(
      "Tenant",
      "acme",
      `{ owner: { name: Ops, email: ops@a.example }, calendar: office, environments: { production: ${environment} } }`,
    ),
  ].join("---\n");
  const compiled = compile(loaded(text), { images: {}, ingress: { address: "127.0.0.1", port: 8443 }, certificateGeneration: 1 });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  const nodes = compiled.value.stacks.get("acme/production")?.nodes.filter((node): node is StackNode<"odoo"> => node.kind === "odoo") ?? [];
  return nodes.map(({ id, spec, uses }) => {
    const servers = uses.filter((edge) => edge.as === "sql").map((edge) => nameOf(edge.to));
    return `${nameOf(id)} ${spec.bus}: ${servers.join(", ")}`;
  });
}

test("whatever of Odoo listens reaches the server past the pooler, and first of all connects where it did", () => {
  expect(odooOf("{ hosting: shared, pool: everyone }")).toEqual(["odoo own-database: pooler, postgres"]);
  expect(odooOf("{ hosting: shared, pool: everyone, sizes: { web: { processes: 3 }, report: { processes: 1 } } }")).toEqual([
    "odoo-web own-database: pooler",
    "odoo-websocket own-database: postgres",
    "odoo-cron own-database: postgres",
    "odoo-report own-database: pooler",
  ]);
});
