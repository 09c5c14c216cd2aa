import { expect, test } from "vitest";
import type { ChangedField } from "./kind.ts";
import { route } from "./route.ts";

const REFUSED = "who asks for more than the smaller limits is refused";

function impactOf(...changes: ChangedField[]) {
  const { interruption, says } = route.updateImpact(
    changes.map(({ field }) => field),
    changes,
  );
  return `${interruption} ${says}`;
}

const count = (before: number, after: number) => ({ field: "limits.requests.count", before, after });
const perSeconds = (before: number, after: number) => ({ field: "limits.requests.perSeconds", before, after });

test("a limit that becomes smaller refuses people who were answered, and waits for the window; a larger one does not", () => {
  expect(impactOf(count(12_000, 30))).toBe(`closed ${REFUSED}`);
  expect(impactOf({ field: "limits.bodyBytes", before: 128, after: 64 })).toBe(`closed ${REFUSED}`);
  expect(impactOf({ field: "limits.requests.atOnce", before: 60, after: 59 })).toBe(`closed ${REFUSED}`);
  expect(impactOf(count(30, 12_000))).toBe("none no downtime");
  expect(impactOf(count(30, 12_000), { field: "limits.bodyBytes", before: 128, after: 64 })).toBe(`closed ${REFUSED}`);
});

test("a rate is a count in so many seconds", () => {
  expect(impactOf(perSeconds(1, 60))).toBe(`closed ${REFUSED}`);
  expect(impactOf(perSeconds(60, 1))).toBe("none no downtime");
  expect(impactOf(count(500, 30_000), perSeconds(1, 60))).toBe("none no downtime");
  expect(impactOf(count(500, 29_999), perSeconds(1, 60))).toBe(`closed ${REFUSED}`);
});
