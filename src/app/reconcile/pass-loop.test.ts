import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { toldOnce } from "../serve/told-once.ts";
import { createPassLoop, LOOK_EVERY_MS } from "./pass-loop.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A loop whose passes last until they are ended. */
function loopOf(changing?: () => boolean) {
  const passes: (() => void)[] = [];
  const told: unknown[] = [];
  let atOnce = 0;
  const most = { atOnce: 0 };
  const loop = createPassLoop(
    async () => {
      atOnce += 1;
      most.atOnce = Math.max(most.atOnce, atOnce);
      await new Promise<void>((resolve) => passes.push(resolve));
      atOnce -= 1;
    },
    toldOnce((error) => told.push(error)),
    changing,
  );
  loop.start();
  return { loop, passes, most, told };
}

test("a call during a pass has another begin after it, and never two at once", async () => {
  const { loop, passes, most } = loopOf();
  await vi.advanceTimersByTimeAsync(LOOK_EVERY_MS);
  expect(passes.length).toBe(1);
  loop.dirty();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(passes.length).toBe(1);
  passes[0]?.();
  await vi.advanceTimersByTimeAsync(10);
  expect([passes.length, most.atOnce]).toEqual([2, 1]);
});

test("what calls without end does not put the pass off for ever, nor make it endless", async () => {
  const { loop, passes } = loopOf();
  for (let calls = 0; calls < 100; calls++) {
    loop.dirty();
    await vi.advanceTimersByTimeAsync(100);
    for (const end of passes) end();
  }
  expect(passes.length).toBe(5);
});

test("at rest there is a pass every 24 seconds", async () => {
  const { passes } = loopOf();
  for (let seconds = 0; seconds < 120; seconds++) {
    await vi.advanceTimersByTimeAsync(1000);
    for (const end of passes) end();
  }
  expect(passes.length).toBe(5);
});

test("who stops it waits for the pass under way, and nothing comes after it", async () => {
  const { loop, passes } = loopOf();
  await vi.advanceTimersByTimeAsync(LOOK_EVERY_MS);
  let stopped = false;
  const stopping = loop.stop().then(() => {
    stopped = true;
  });
  loop.dirty();
  await vi.advanceTimersByTimeAsync(1000);
  expect(stopped).toBe(false);
  passes[0]?.();
  await stopping;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(passes.length).toBe(1);
});

test("while Ballast itself changes something a call waits for the end of that, for seconds at most; a regular pass does not", async () => {
  let changing = true;
  const { loop, passes } = loopOf(() => changing);
  loop.dirty();
  await vi.advanceTimersByTimeAsync(2000);
  expect(passes.length).toBe(0);
  changing = false;
  await vi.advanceTimersByTimeAsync(200);
  expect(passes.length).toBe(1);
  passes[0]?.();
  changing = true;
  loop.dirty();
  await vi.advanceTimersByTimeAsync(3900);
  expect(passes.length).toBe(1);
  await vi.advanceTimersByTimeAsync(400);
  expect(passes.length).toBe(2);
  passes[1]?.();
  await vi.advanceTimersByTimeAsync(LOOK_EVERY_MS);
  expect(passes.length).toBe(3);
});
