import fc from "fast-check";
import { expect, test } from "vitest";
import { comparePositions, type KeptPosition } from "./write-position.ts";

const SERVER = "pool/everyone/postgres";
const position = (written: string, system = "7") => ({ server: SERVER, system, written });
const KEPT: readonly KeptPosition[] = [{ ...position("9007199254740993"), at: 1000 }];

test("a server that has written less than it was seen to have went back; that it stands still or goes on is no news", () => {
  expect(comparePositions(KEPT, [position("9007199254740992")], 5000)).toEqual({
    next: [{ ...position("9007199254740992"), at: 5000 }],
    back: [{ server: SERVER, from: 1000, bytes: "1" }],
  });
  for (const written of ["9007199254740993", "9007199254740994"]) {
    expect(comparePositions(KEPT, [position(written)], 5000)).toEqual({ next: [{ ...position(written), at: 5000 }], back: [] });
  }
});

test("one that is new, or another cluster, is compared from now on; one that cannot be asked is remembered as it was", () => {
  expect(comparePositions([], [position("5")], 5000)).toEqual({ next: [{ ...position("5"), at: 5000 }], back: [] });
  expect(comparePositions(KEPT, [position("5", "8")], 5000).back).toEqual([]);
  expect(comparePositions(KEPT, [], 5000)).toEqual({ next: KEPT, back: [] });
});

test("however it goes on, each step back is told once", () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n }), { minLength: 1 }), (steps) => {
      let kept: readonly KeptPosition[] = [];
      let told = 0;
      for (const [at, step] of steps.entries()) {
        const found = comparePositions(kept, [position(String(step))], at);
        told += found.back.length;
        kept = found.next;
      }
      expect(told).toBe(steps.filter((step, index) => index > 0 && step < (steps[index - 1] as bigint)).length);
    }),
  );
});
