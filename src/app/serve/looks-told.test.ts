import { expect, test } from "vitest";
import { createReconciler } from "../reconcile/reconciler.ts";

test("a look that fails is told once a stack for as long as it fails the same, and again after it was over", async () => {
  const told: string[] = [];
  const fails: Record<string, string | undefined> = { "a/production": "a is away", "b/production": "b is away" };
  const stacks = new Map(Object.keys(fails).map((id) => [id, { id, role: "environment", nodes: [] }]));
  const reconciler = createReconciler({
    engine: {
      async observe({ id }: { id: string }) {
        if (fails[id] !== undefined) throw new Error(fails[id]);
        return { stack: id, at: 0, nodes: new Map() };
      },
    } as never,
    store: {
      work: async () => [],
      leasedStacks: async () => [],
      setting: async () => undefined,
      keptSetting: async (_key: string, first: () => unknown) => first(),
      setSetting: async () => undefined,
    } as never,
    executor: {} as never,
    wanted: async () => ({ revision: { hash: "r", stacks, formerly: new Map() }, desired: "running" }) as never,
    now: () => 0,
    fault: (error) => told.push((error as Error).message),
  });
  const look = async () => {
    await reconciler.pass();
    await reconciler.settled();
  };
  await look();
  await look();
  await look();
  expect(told).toEqual(["a is away", "b is away"]);
  fails["a/production"] = undefined;
  await look();
  fails["a/production"] = "a is away";
  await look();
  expect(told).toEqual(["a is away", "b is away", "a is away"]);
});
