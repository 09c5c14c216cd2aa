import { expect, test } from "vitest";
import { crashes, crashingOf, endsInAnHour, type Running } from "./restarts.ts";

const T = 1_000_000;
const now = (more: Partial<Running> = {}): Running => ({ at: T, restarts: 0, startedAt: T - 3_600_000, health: "healthy", ...more });
const seenAt = (secondsAgo: number, restarts: number) => ({ at: T - secondsAgo * 1000, restarts });

test("what was never started again serves, also while its health is not known yet", () => {
  expect(crashes(now({ startedAt: T - 3000, health: "other" }), [])).toBeUndefined();
});

test("what ended by itself a moment ago does not serve until it shows its health", () => {
  const ended = { restarts: 1, startedAt: T - 5000 };
  expect(crashes(now({ ...ended, health: "other" }), [])).toBe(
    "ended by itself, was started again 5 s ago, and has not shown its health yet",
  );
  expect(crashes(now(ended), [])).toBeUndefined();
  expect(crashes(now({ restarts: 1, startedAt: T - 61_000, health: "other" }), [])).toBeUndefined();
});

test("what ends again and again does not serve, even where it is healthy in between", () => {
  const loop = now({ restarts: 5, startedAt: T - 2000 });
  expect(crashes(loop, [seenAt(40, 3), seenAt(20, 4)])).toBe("ended 2 times within a minute, and was started again each time");
  expect(crashes(loop, [seenAt(61, 3), seenAt(20, 4)])).toBeUndefined();
});

test("what ends slowly but often is counted over an hour", () => {
  const ends = (restarts: number, ...seen: readonly (readonly [number, number])[]) =>
    endsInAnHour(
      now({ restarts }),
      seen.map(([secondsAgo, before]) => seenAt(secondsAgo, before)),
    );
  expect(ends(4, [3000, 0], [70, 3])).toBe(4);
  expect(ends(3, [3000, 0], [70, 2])).toBeUndefined();
  expect(ends(9, [3601, 0], [3000, 6])).toBeUndefined();
  expect(ends(9)).toBeUndefined();
});

test("a clock that was put back, or a counter that started over, accuses nobody", () => {
  expect(crashes(now({ restarts: 1, startedAt: T - 3_600_000 }), [seenAt(10, 7)])).toBeUndefined();
  expect(crashes(now({ restarts: 1, startedAt: T + 60_000, health: "other" }), [])).toContain("started again 0 s ago");
});

test("what ended often since it was made is known to a control plane that was started meanwhile; of an older one nothing is", async () => {
  const at = Date.parse("2026-11-27T10:00:00Z");
  const found = (id: string, minutes: number) => {
    const Created = new Date(at - minutes * 60_000).toISOString();
    const State = { Running: true, StartedAt: new Date(at - 900_000).toISOString(), Health: { Status: "healthy" } };
    return { Id: id, Created, RestartCount: 8, State } as unknown as Parameters<typeof crashingOf>[0];
  };
  expect(await crashingOf(found("young", 40), at, async () => true)).toEqual({ endsInAnHour: 8 });
  expect(await crashingOf(found("old", 70), at, async () => true)).toEqual({});
});
