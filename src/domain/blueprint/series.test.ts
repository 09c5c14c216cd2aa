import { expect, test } from "vitest";
import { loadFleet } from "../fleet/load.ts";
import { compile } from "./compile.ts";
import type { CompileContext } from "./context.ts";

const CONTEXT: CompileContext = {
  images: { "odoo-14": "ballast/odoo-14:a", "odoo-19": "ballast/odoo-19:b", postgres: "ballast/postgres:c", traefik: "ballast/traefik:d" },
  ingress: { address: "127.0.0.1", port: 8443 },
  certificateGeneration: 1,
};

function pool(name: string, series: string): string {
  return `---\napiVersion: ballast.dev/v1alpha1\nkind: Pool\nmetadata: { name: ${name} }\nspec: { series: "${series}" }\n`;
}

function compiled(pools: string) {
  const text = `apiVersion: ballast.dev/v1alpha1\nkind: Fleet\nmetadata: { name: mixed }\n---\napiVersion: ballast.dev/v1alpha1\nkind: Region\nmetadata: { name: here }\nspec: { engine: { docker: {} }, jurisdiction: DE }\n${pools}`;
  const loaded = loadFleet([{ path: "fleet.yaml", text }], { today: "2026-11-22" });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return compile(loaded.value, CONTEXT);
}

test("pools of two series stand side by side, each with the image of its series and the modules by their names there", () => {
  const result = compiled(pool("legacy", "14.0") + pool("modern", "19.0"));
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const templates = [...result.value.stacks.values()].flatMap((stack) =>
    stack.nodes.flatMap((node) => (node.kind === "template" ? [node.spec] : [])),
  );
  expect(templates).toEqual([
    { image: "ballast/odoo-14:a", series: "14.0", modules: ["delivery", "purchase", "sale_management", "sale_stock", "stock"] },
    { image: "ballast/odoo-19:b", series: "19.0", modules: ["purchase", "sale_management", "sale_stock", "stock", "stock_delivery"] },
  ]);
});

test.each(["15.0", "16.0", "17.0", "18.0"])("Odoo %s is known and refused, with what is missing", (series) => {
  const result = compiled(pool("everyone", series));
  expect(result.ok ? [] : result.problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
    `BAL-B002 pool/everyone: Odoo ${series} cannot be run by this version yet: there is no image of it; there are images of 14.0 and 19.0`,
  ]);
});
