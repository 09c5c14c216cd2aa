import { expect, test } from "vitest";
import { endWords } from "./request.ts";

const changed = [{ node: "acme/production/odoo", verb: "update" }] as const;
const held = [{ node: "acme/production/route", because: "outside maintenance" }];

test("only where nothing was changed and nothing waits does nothing differ", () => {
  expect(endWords({ changed: [], held: [], problems: [] })).toBe("nothing differs");
  expect(endWords({ changed: [], held, problems: [] })).toBe("nothing changed yet, 1 held");
  expect(endWords({ changed, held: [], problems: [] })).toBe("1 changes made");
  expect(endWords({ changed, held, problems: [] })).toBe("1 changes made, 1 held");
  const problem = { code: "BAL-W005", severity: "error", at: "acme", message: "still to update" } as const;
  expect(endWords({ changed, held, problems: [problem] })).toBe("still to update");
});
