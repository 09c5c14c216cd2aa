import type { SqlSession } from "../../../adapters/postgres/session.ts";
import { failure } from "../../../kernel/problem.ts";
import type { TemplateWork } from "./template-work.ts";

/** Refuses a template that lacks a module of its recipe: Odoo passes over a name that it does not know, with a line in the log, and ends well. */
export async function assertInstalled(inside: SqlSession, { node }: Pick<TemplateWork, "node">): Promise<void> {
  const { series, modules } = node.spec;
  const query =
    "SELECT wanted.name FROM unnest($1::text[]) AS wanted(name) LEFT JOIN public.ir_module_module m ON m.name = wanted.name AND m.state = 'installed' WHERE m.id IS NULL ORDER BY 1";
  const missing = await inside.query(query, [[...modules]]);
  if (missing.length === 0) return;
  const names = missing.map((row) => row["name"]).join(", ");
  throw failure(
    "BAL-E007",
    node.id,
    `Odoo ${series} did not install ${names}: no module of that name is there, or it cannot be installed`,
    {
      hint: "correct spec.modules of the pool; a module's name can differ between series",
    },
  );
}
