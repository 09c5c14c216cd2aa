import fc from "fast-check";
import { expect, test } from "vitest";
import { shiftOf } from "./daily-actions.ts";

test("an environment has one shift, within an hour", () => {
  fc.assert(
    fc.property(fc.string(), (environment) => {
      const shift = shiftOf(environment);
      expect([Number.isInteger(shift), shift >= 0 && shift < 60, shiftOf(environment)]).toEqual([true, true, shift]);
    }),
  );
});

test("the copies of one template are spread over the hour: no minute has more than a few of them", () => {
  const minutes = Array.from({ length: 600 }, (_, index) => shiftOf(`tenant-${index}/production`));
  const counts = [...Map.groupBy(minutes, (minute) => minute).values()].map((all) => all.length);
  expect([counts.length, Math.max(...counts) <= 25]).toEqual([60, true]);
});
