import { failure } from "../../kernel/problem.ts";
import type { Scope } from "./scope.ts";
import { openServer } from "./servers.ts";
import type { TemplateWork } from "./template-work.ts";

/** Refuses a template that lacks a module of its recipe: Odoo passes over a name that it does not know, with a line in the log, and ends well. */
export async function assertInstalled(scope: Scope, work: TemplateWork): Promise<void> {
  const { series, modules } = work.node.spec;
  const inside = await openServer(scope, work.server, work.database);
  try {
    const query =
      "SELECT wanted.name FROM unnest($1::text[]) AS wanted(name) LEFT JOIN ir_module_module m ON m.name = wanted.name AND m.state = 'installed' WHERE m.id IS NULL ORDER BY 1";
    const missing = await inside.query(query, [[...modules]]);
    if (missing.length === 0) return;
    const names = missing.map((row) => row["name"]).join(", ");
    throw failure(
      "BAL-E007",
      work.node.id,
      `Odoo ${series} did not install ${names}: no module of that name is there, or it cannot be installed`,
      {
        hint: "correct spec.modules of the pool; a module's name can differ between series",
      },
    );
  } finally {
    await inside.end();
  }
}
