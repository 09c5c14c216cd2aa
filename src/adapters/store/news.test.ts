import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createNews } from "./news.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** How many times a follower was woken until now. */
function follower(news = createNews()) {
  const following = news.follow("op-1");
  const seen = { times: 0 };
  async function step(): Promise<void> {
    await following.next(1000);
    seen.times += 1;
  }
  return { news, following, seen, step };
}

test("who waits is woken at once, and by nothing that concerns others", async () => {
  const { news, seen, step } = follower();
  const waits = step();
  news.tell("op-2");
  await vi.advanceTimersByTimeAsync(999);
  expect(seen.times).toBe(0);
  news.tell("op-1");
  await waits;
  expect(seen.times).toBe(1);
});

test("what is told while nobody waits is not lost, and is told once", async () => {
  const { news, seen, step } = follower();
  news.tell("op-1");
  news.tell("op-1");
  await step();
  expect(seen.times).toBe(1);
  const again = step();
  await vi.advanceTimersByTimeAsync(999);
  expect(seen.times).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  await again;
  expect(seen.times).toBe(2);
});

test("who ended twice takes nothing from whoever came in between", async () => {
  const { news, following } = follower();
  following.end();
  const later = follower(news);
  following.end();
  const waits = later.step();
  news.tell("op-1");
  await vi.advanceTimersByTimeAsync(1);
  expect(later.seen.times).toBe(1);
  await waits;
});

test("several follow one operation, and one that ends takes nothing from the others", async () => {
  const { news, following, step, seen } = follower();
  const other = follower(news);
  following.end();
  const waits = other.step();
  news.tell("op-1");
  await waits;
  const ended = step();
  news.tell("op-1");
  await vi.advanceTimersByTimeAsync(999);
  expect([seen.times, other.seen.times]).toEqual([0, 1]);
  await vi.advanceTimersByTimeAsync(1);
  await ended;
});
