import { expect, test } from "vitest";
import { standingOf } from "../limit-sources.ts";
import { togetherOf } from "./guard.ts";

test("what one part of a look put right is told whatever became of the others, and every reason why something is unknown", () => {
  const limited = { repaired: ["limits by source of pool/a/postgres"], failed: ["pool/b/postgres cannot be limited"] };
  expect(togetherOf({ state: "unknown", because: "iptables does not answer" }, limited)).toEqual({
    walls: { state: "unknown", because: "iptables does not answer; pool/b/postgres cannot be limited" },
    repaired: ["limits by source of pool/a/postgres"],
  });
  expect(togetherOf({ state: "closed", repaired: ["a table"] }, limited)).toEqual({
    walls: { state: "unknown", because: "pool/b/postgres cannot be limited" },
    repaired: ["a table", "limits by source of pool/a/postgres"],
  });
  expect(togetherOf({ state: "closed", repaired: [] }, { repaired: [], failed: [] })).toEqual({ walls: { state: "closed" }, repaired: [] });
});

test("limits that cannot be shown are not known to be others", () => {
  expect(standingOf({ ok: true, text: "a" }, "a")).toBe("same");
  expect(standingOf({ ok: true, text: "b" }, "a")).toBe("other");
  expect(standingOf({ ok: false, because: "no answer" }, "a")).toBe("cannot say");
});
