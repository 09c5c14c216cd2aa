import { expect, test, vi } from "vitest";
import { createSlots } from "./slots.ts";

function piece() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { promise, end: resolve };
}

/** Work that says that it began, and ends when it is told to. */
function saying(begun: string[], name: string, end: Promise<void>): () => Promise<void> {
  return async () => {
    begun.push(name);
    await end;
  };
}

async function turn(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

test("as many run at once as there are slots, and who waited longest is next", async () => {
  vi.useFakeTimers();
  try {
    const slots = createSlots(2, 1000);
    const begun: string[] = [];
    const pieces = ["a", "b", "c", "d"].map((name) => ({ name, ...piece() }));
    const all = pieces.map(({ name, promise }) => slots.run(saying(begun, name, promise)));
    await turn();
    expect(begun).toEqual(["a", "b"]);
    pieces[1]?.end();
    await turn();
    expect(begun).toEqual(["a", "b", "c"]);
    for (const one of pieces) one.end();
    await Promise.all(all);
    expect(begun).toEqual(["a", "b", "c", "d"]);
  } finally {
    vi.useRealTimers();
  }
});

test("what hangs gives its slot back, and only once", async () => {
  vi.useFakeTimers();
  try {
    const slots = createSlots(1, 1000);
    const begun: string[] = [];
    const [hung, second, third] = [piece(), piece(), piece()];
    const all = [
      slots.run(() => hung.promise),
      slots.run(saying(begun, "second", second.promise)),
      slots.run(saying(begun, "third", third.promise)),
    ];
    await turn();
    expect(begun).toEqual([]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(begun).toEqual(["second"]);
    hung.end();
    await turn();
    expect(begun).toEqual(["second"]);
    second.end();
    await turn();
    expect(begun).toEqual(["second", "third"]);
    third.end();
    await Promise.all(all);
  } finally {
    vi.useRealTimers();
  }
});
