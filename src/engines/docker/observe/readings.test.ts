import { expect, test, vi } from "vitest";
import { createReadings } from "./readings.ts";

const BOUNDS = { atOnce: 2, againMs: 60_000, atMostMs: 1000, forgetMs: 600_000 };
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("more than may be read at once waits for its turn, who asked first comes first, and nobody is left out", async () => {
  const readings = createReadings<string>(BOUNDS);
  const begun: string[] = [];
  const gates = new Map<string, () => void>();
  const keys = ["a", "b", "c", "d", "e"];
  const look = (now: number) =>
    keys.map((key) =>
      readings.ask(key, now, async () => {
        begun.push(key);
        await new Promise<void>((resolve) => gates.set(key, resolve));
        return `of ${key}`;
      }),
    );
  // Looks go on meanwhile, and ask again and again.
  look(0);
  look(1000);
  expect(begun).toEqual(["a", "b"]);
  for (const key of keys) {
    gates.get(key)?.();
    await settled();
    look(2000);
  }
  expect([begun, look(3000)]).toEqual([keys, keys.map((key) => `of ${key}`)]);
  expect(begun).toEqual(keys);
  look(70_000);
  expect(begun).toEqual([...keys, "a", "b"]);
});

test("one that never answers gives its place to the others after a while, and one that fails keeps what was read before", async () => {
  vi.useFakeTimers();
  try {
    const readings = createReadings<number>({ ...BOUNDS, atOnce: 1 });
    readings.ask("hangs", 0, () => new Promise(() => undefined));
    readings.ask("next", 0, async () => 1);
    await vi.advanceTimersByTimeAsync(999);
    expect(readings.ask("next", 0, async () => 1)).toBeUndefined();
    await vi.advanceTimersByTimeAsync(10);
    expect(readings.ask("next", 0, async () => 1)).toBe(1);
    readings.ask("next", 60_000, () => Promise.reject(new Error("away")));
    await vi.advanceTimersByTimeAsync(10);
    expect(readings.ask("next", 60_001, async () => 2)).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});

test("what nobody asks for any more is forgotten, such as a database that was recreated under another identity", async () => {
  const readings = createReadings<number>(BOUNDS);
  for (let identity = 0; identity < 100; identity++) {
    readings.ask(`database ${identity}`, identity * 60_000, async () => identity);
    await settled();
  }
  expect(readings.size()).toBe(10);
});
