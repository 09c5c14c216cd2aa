import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { specHash } from "../../domain/stack/node.ts";
import { createMemoryEngine } from "../../engines/memory/engine.ts";
import { createWorld } from "../../engines/memory/world.ts";
import { moveFindings } from "./moves.ts";
import { createRevisions } from "./revisions.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");
const NOW = Date.parse("2026-11-22T12:00:00Z");
let kept = 0;
const store = { keepRevision: async () => String(kept++), revisionFiles: async () => undefined, setting: async () => undefined };
const revisions = createRevisions({
  store,
  contextFor: async () => ({ images: {}, ingress: { address: "127.0.0.1", port: 8443 }, certificateGeneration: 1 }),
  now: () => NOW,
});
const of = (text: string) => revisions.of([{ path: "fleet.yaml", text }]);

test.each([
  ["pool", (text: string) => text.replaceAll(/(name|pool): everyone/g, "$1: all")],
  ["region", (text: string) => text.replace("name: here", "name: there")],
] as const)(
  "a renamed %s moves who has data, or may have, although nothing of it is remembered yet, and nobody else",
  async (_, renamed) => {
    const [before, after] = [await of(HELLO), await of(renamed(HELLO))];
    const world = createWorld({ now: NOW });
    const memory = { records: () => new Map() };
    const found = async (engine = createMemoryEngine(world)) => {
      const parts = { engine, memory, store, revisions };
      const problems = await moveFindings(parts, { before: { state: "readable", hash: before.hash, revision: before }, after });
      return problems.map(({ code, address }) => `${code} ${address}`);
    };
    expect(await found()).toEqual([]);
    const refuses = () => Promise.reject(new Error("Docker does not answer"));
    expect(await found({ ...createMemoryEngine(world), observe: refuses, survey: (stacks) => stacks.map(refuses) })).toEqual([
      "BAL-A056 acme/production",
    ]);
    for (const declared of before.stacks.get("acme/production")?.nodes ?? []) {
      if (declared.kind === "database")
        world.objects.set(declared.id, { declared, hash: specHash(declared), condition: "serving", log: [] });
    }
    expect(await found()).toEqual(["BAL-A056 acme/production"]);
  },
);
