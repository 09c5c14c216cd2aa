import { describe, expect, test } from "vitest";
import { planStack } from "../../domain/plan/plan.ts";
import { nodeId, type Stack } from "../../domain/stack/node.ts";
import { ProblemError } from "../../kernel/problem.ts";
import { engineContract } from "../engine.contract.ts";
import type { ApplyContext, Vault } from "../engine.ts";
import { contractStacks } from "../stacks.contract.ts";
import { createMemoryEngine } from "./engine.ts";
import { createWorld, type World } from "./world.ts";

const vault: Vault = {
  secret: async (id) => `value-of-${id}`,
  certificate: async (id) => ({ certificate: `certificate-of-${id}`, key: `key-of-${id}` }),
};
const images = { "odoo-19": "memory/odoo-19", postgres: "memory/postgres", traefik: "memory/traefik" };

engineContract("the memory engine", async () => {
  const world = createWorld();
  return {
    engine: createMemoryEngine(world),
    images,
    vault,
    port: 1,
    foreign: {
      make: async () => void world.foreign.set("somebody/else", "theirs"),
      isThere: async () => world.foreign.has("somebody/else"),
    },
    crash: async (node) => {
      const object = world.objects.get(node);
      if (object !== undefined) world.objects.set(node, { ...object, condition: "stopped", because: "exited (137)" });
    },
    squeeze: async (node, memoryMiB) => {
      const object = world.objects.get(node);
      if (object === undefined || !("memoryMiB" in object.declared.spec)) return;
      const edit = { field: "memoryMiB", made: object.declared.spec.memoryMiB, found: memoryMiB, repair: "live" } as const;
      world.objects.set(node, { ...object, edits: [edit] });
    },
    close: async () => undefined,
  };
});

describe("the simulated machine", () => {
  async function applyAll(world: World, stack: Stack, faults: Parameters<typeof createMemoryEngine>[1] = []): Promise<void> {
    const engine = createMemoryEngine(world, faults);
    const context: ApplyContext = { stack, find: () => undefined, vault, progress: () => undefined, signal: new AbortController().signal };
    const plan = planStack(stack, await engine.observe(stack));
    for (const change of plan.changes) await engine.apply(change, context);
  }

  test("takes time for what it does, by the clock of the simulation alone", async () => {
    const world = createWorld({ now: 1000 });
    await applyAll(world, contractStacks({ images, port: 1 }).pool);
    expect(world.now).toBe(1000 + 200 + 50 + 100 + 3000 + 45_000);
  });

  test("has only so much memory, and says how much is wanted and free", async () => {
    const world = createWorld({ capacityMiB: 300 });
    const failed = await applyAll(world, contractStacks({ images, port: 1 }).pool).catch((error: unknown) => error);
    expect((failed as ProblemError).problems).toEqual([
      { code: "BAL-E004", severity: "error", at: "pool/contract/postgres", message: "wants 384 MiB, 300 MiB of 300 MiB are free" },
    ]);
  });

  test("meets a planned fault once, and the same change succeeds when it is tried again", async () => {
    const world = createWorld();
    const pool = contractStacks({ images, port: 1 }).pool;
    const faults = [{ verb: "apply" as const, node: "pool/contract/data", because: "the disk is full" }];
    await expect(applyAll(world, pool, faults)).rejects.toThrow("the disk is full");
    await applyAll(world, pool, faults);
    expect(planStack(pool, await createMemoryEngine(world).observe(pool)).changes).toEqual([]);
  });

  test("a machine that does not answer makes everything unknown and nothing absent", async () => {
    const world = createWorld();
    const { pool } = contractStacks({ images, port: 1 });
    await applyAll(world, pool);
    world.silent.set("*", "no route to host");
    const plan = planStack(pool, await createMemoryEngine(world).observe(pool));
    expect(plan.changes).toEqual([]);
    expect(plan.obstacles).toEqual(pool.nodes.map((node) => ({ node: node.id, kind: "unknown", because: "no route to host" })));
  });

  test("refuses to build on what is not there", async () => {
    const world = createWorld();
    const { tenant } = contractStacks({ images, port: 1 });
    const failed = await applyAll(world, tenant).catch((error: unknown) => error);
    expect((failed as ProblemError).problems[0]).toMatchObject({ code: "BAL-E003", at: nodeId(tenant.id, "filestore") });
  });
});
