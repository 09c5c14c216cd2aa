import { expect, test } from "vitest";
import { countUp, generationsIn, raiseFloor } from "./rotation.ts";

/** The settings of a store, as a map. */
function shelf() {
  const kept = new Map<string, object>();
  return {
    setting: async <T extends object>(key: string) => kept.get(key) as T | undefined,
    setSetting: async (key: string, value: object) => {
      kept.set(key, value);
    },
  } as unknown as Parameters<typeof countUp>[0];
}

const NOW = Date.parse("2026-11-23T03:00:00Z");

test("an operation counts once, however often it is asked for, and the next one counts again", async () => {
  const store = shelf();
  await countUp(store, "op-1", ["a/production/role-password"]);
  await countUp(store, "op-1", ["a/production/role-password"]);
  expect((await generationsIn(store)).of).toEqual({ "a/production/role-password": 2 });
  await countUp(store, "op-2", ["a/production/role-password", "a/production/api-key"]);
  expect((await generationsIn(store)).of).toEqual({ "a/production/role-password": 3, "a/production/api-key": 2 });
});

test("a floor is above what was counted since the last one, also where everything is lost twice within a minute", async () => {
  const [first, second] = [shelf(), shelf()];
  await raiseFloor(first, NOW);
  await countUp(first, "op-1", ["a/production/role-password"]);
  const counted = (await generationsIn(first)).of["a/production/role-password"] as number;
  await raiseFloor(second, NOW + 20_000);
  expect((await generationsIn(second)).floor).toBeGreaterThan(counted);
  expect((await generationsIn(second)).floor).toBeLessThan(2 ** 31);
});
