import { expect, test } from "vitest";
import { standingOf } from "../limit-sources.ts";
import { togetherOf } from "./guard.ts";

test("what one part of a look put right is told whatever became of the others, and every reason why something is unknown", () => {
  const limited = { mended: ["limits by source of pool/a/postgres"], failed: ["pool/b/postgres cannot be limited"] };
  expect(togetherOf({ state: "unknown", because: "iptables does not answer" }, limited)).toEqual({
    walls: { state: "unknown", because: "iptables does not answer; pool/b/postgres cannot be limited" },
    mended: ["limits by source of pool/a/postgres"],
  });
  expect(togetherOf({ state: "closed", mended: ["a table"] }, limited)).toEqual({
    walls: { state: "unknown", because: "pool/b/postgres cannot be limited" },
    mended: ["a table", "limits by source of pool/a/postgres"],
  });
  expect(togetherOf({ state: "closed", mended: [] }, { mended: [], failed: [] })).toEqual({ walls: { state: "closed" }, mended: [] });
});

test("limits that cannot be shown are not known to be others", () => {
  expect(standingOf({ ok: true, text: "a" }, "a")).toBe("same");
  expect(standingOf({ ok: true, text: "b" }, "a")).toBe("other");
  expect(standingOf({ ok: false, because: "no answer" }, "a")).toBe("cannot say");
});
