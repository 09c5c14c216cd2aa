import { expect, test } from "vitest";
import { refusedRotation } from "./rotation.ts";

const CLOSED = { admitsDisruption: false, because: ["outside maintenance until 2026-11-28 02:00 CET"], nextOpenText: "Sat 02:00 CET" };

test("each stack that would be disturbed outside its window is named, with when it opens; the others are let through", () => {
  const snapshots = {
    "a/production": { protectedByCalendar: true, window: CLOSED },
    "b/production": { protectedByCalendar: true, window: { admitsDisruption: true, because: [] } },
    "c/staging": { protectedByCalendar: false, window: CLOSED },
    "d/production": { protectedByCalendar: true },
    "e/production": { protectedByCalendar: true, window: { admitsDisruption: false, because: ["peak"] } },
  } as const;
  const refused = refusedRotation(Object.keys(snapshots), (stack) => snapshots[stack as keyof typeof snapshots]);
  expect(refused.map(({ code, at, message }) => `${code} ${at} ${message}`)).toEqual([
    "BAL-A008 a/production rotating restarts what people work with, and the window is closed (outside maintenance until 2026-11-28 02:00 CET); it opens Sat 02:00 CET",
    "BAL-A008 e/production rotating restarts what people work with, and the window is closed (peak)",
  ]);
});
