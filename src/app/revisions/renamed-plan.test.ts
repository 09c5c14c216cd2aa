import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Stack, specHash } from "../../domain/stack/node.ts";
import { createMemoryEngine } from "../../engines/memory/engine.ts";
import { createWorld, type MemoryObject } from "../../engines/memory/world.ts";
import { planRevision } from "./planning.ts";
import { createRevisions } from "./revisions.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");
const NOW = Date.parse("2026-11-22T12:00:00Z");
const revisions = createRevisions({
  store: { keepRevision: async () => String(kept++), revisionFiles: async () => undefined, setting: async () => undefined },
  contextFor: async () => ({ images: {}, ingress: { address: "127.0.0.1", port: 8443 }, certificateGeneration: 1 }),
  now: () => NOW,
});
let kept = 0;
const revisionOf = (text: string) => revisions.of([{ path: "fleet.yaml", text }]);

test("a rename that was cut off after the data went over plans what is left of the former name, and not that nothing differs", async () => {
  const before = await revisionOf(HELLO);
  const after = await revisionOf(HELLO.replace("name: acme", "name: nova, renamedFrom: acme"));
  const world = createWorld({ now: NOW });
  const put = (nodes: Stack["nodes"]) => {
    for (const declared of nodes) {
      const object: MemoryObject = { declared, hash: specHash(declared), condition: "serving", log: [] };
      world.objects.set(declared.id, object);
    }
  };
  for (const stack of after.stacks.values()) put(stack.nodes);
  put((before.stacks.get("acme/production")?.nodes ?? []).filter((node) => node.kind === "secret"));
  const plan = await planRevision({ engine: createMemoryEngine(world), closing: {}, now: NOW }, after);
  const acting = plan.stacks.flatMap((stack) => stack.changes.filter((change) => change.verb !== "keep"));
  expect(acting.map((change) => `${change.verb} ${change.node} ${change.because.join()} ${change.held === undefined}`).sort()).toEqual(
    ["admin-password", "api-key", "master-password", "role-password"].map(
      (name) => `remove acme/production/${name} nova/production has its value true`,
    ),
  );
});
