import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { loadFleet } from "../../domain/fleet/load.ts";
import { graphOfStack, graphOfStacks } from "../../domain/stack/graph.ts";
import type { Stack, StackId } from "../../domain/stack/node.ts";
import { compileUnbuilt } from "../operations/first-plan.ts";
import { mermaidId, mermaidOf } from "./graph.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");

function stacks(text = HELLO): ReadonlyMap<StackId, Stack> {
  const loaded = loadFleet([{ path: "fleet.yaml", text }], { today: "2026-11-22" });
  const compiled = loaded.ok ? compileUnbuilt(loaded.value) : loaded;
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.value.stacks;
}

test("the map of a fleet shows which stack needs which, and what for", () => {
  expect(mermaidOf(graphOfStacks(stacks())).split("\n")).toEqual([
    "flowchart LR",
    '  n_acme_2f_production["acme/production<br/>environment"]',
    '  n_platform_2f_here["platform/here<br/>platform"]',
    '  n_pool_2f_everyone["pool/everyone<br/>pool"]',
    "  n_acme_2f_production -->|http| n_platform_2f_here",
    "  n_acme_2f_production -->|clone, sql| n_pool_2f_everyone",
  ]);
});

test("the map of a stack frames the nodes of each stack, and draws every edge of it once", () => {
  const all = stacks();
  const stack = all.get("acme/production") as Stack;
  const drawn = graphOfStack(stack, all);
  const pairs = stack.nodes.flatMap((node) => node.uses.map((edge) => `${node.id} ${edge.to}`));
  expect(drawn.edges.map((edge) => `${edge.from} ${edge.to}`)).toEqual([...new Set(pairs)].sort());
  expect(drawn.nodes.filter((node) => node.stack !== stack.id).map((node) => `${node.kind} ${node.id}`)).toEqual([
    "ingress platform/here/ingress",
    "pooler pool/everyone/pooler",
    "postgres pool/everyone/postgres",
    "template pool/everyone/template",
  ]);
  const lines = mermaidOf(drawn).split("\n");
  expect(lines).toContain('  subgraph n_pool_2f_everyone_2f_["pool/everyone"]');
  expect(lines).toContain("  n_acme_2f_production_2f_odoo -->|mount| n_acme_2f_production_2f_filestore");
  expect(lines.filter((line) => line.startsWith("  subgraph")).length).toBe(lines.filter((line) => line === "  end").length);
});

test("the same fleet in another order of its documents is drawn the same", () => {
  const turned = HELLO.split("\n---\n").toReversed().join("\n---\n");
  expect(mermaidOf(graphOfStacks(stacks(turned)))).toBe(mermaidOf(graphOfStacks(stacks())));
});

test("different addresses get different ids, of letters that every renderer takes", () => {
  const address = fc.stringMatching(/^[a-z0-9~/-]{1,20}$/);
  fc.assert(
    fc.property(address, address, (one, other) => {
      expect(mermaidId(one)).toMatch(/^n_[a-z0-9_]+$/);
      expect(mermaidId(one) === mermaidId(other)).toBe(one === other);
    }),
  );
});
