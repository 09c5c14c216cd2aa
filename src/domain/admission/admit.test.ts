import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Change } from "../plan/change.ts";
import { downtimeAbout, NO_DOWNTIME } from "../stack/kinds/kind.ts";
import { type AdmissionSnapshot, admit, type Intent } from "./admit.ts";

function change(name: string, parts: Partial<Change> = {}): Change {
  return { node: `t/production/${name}`, kind: "odoo", verb: "update", because: [], impact: NO_DOWNTIME, after: [], ...parts };
}

const restart = change("odoo", { impact: downtimeAbout(5, "restart") });
const quiet = change("route", { kind: "route" });
const afterRestart = change("late", { after: ["t/production/odoo"] });
const loss = change("database", { kind: "database", verb: "remove", impact: { ...NO_DOWNTIME, irreversible: true } });

const intent: Intent = { verb: "apply", actor: { kind: "person", name: "ana" }, stack: "t/production", changes: [quiet, restart] };
const closedUntilSunday: AdmissionSnapshot = {
  protectedByCalendar: true,
  window: { admitsDisruption: false, because: ["outside maintenance until Sun 02:00 CET"], nextOpen: 9000, nextOpenText: "Sun 02:00 CET" },
  nameToConfirm: "nordwind",
};
const open: AdmissionSnapshot = { ...closedUntilSunday, window: { admitsDisruption: true, because: [] } };

describe("admission", () => {
  test("what causes no downtime runs at once; what closes production waits for its window, and says until when", () => {
    expect(admit(intent, closedUntilSunday, 1000)).toEqual({
      verdict: "allow",
      admitted: [quiet],
      held: [{ change: restart, until: 9000, untilText: "Sun 02:00 CET", because: "outside maintenance until Sun 02:00 CET" }],
      reasons: ["outside maintenance until Sun 02:00 CET"],
      overridden: false,
    });
  });

  test("when all of it waits, the answer is hold", () => {
    expect(admit({ ...intent, changes: [restart] }, closedUntilSunday, 1000).verdict).toBe("hold");
  });

  test("what comes after a held change waits with it", () => {
    const held = admit({ ...intent, changes: [restart, afterRestart, quiet] }, closedUntilSunday, 0).held.map((part) => part.change.node);
    expect(held).toEqual(["t/production/odoo", "t/production/late"]);
  });

  test("what fits only those who wait waits with them, and by itself it does not", () => {
    const limit = change("database", { kind: "database", fits: ["t/production/odoo"] });
    const held = (changes: readonly Change[]) => admit({ ...intent, changes }, closedUntilSunday, 0).held.map((part) => part.change.node);
    expect(held([limit, quiet, restart])).toEqual(["t/production/database", "t/production/odoo"]);
    expect(held([limit, quiet])).toEqual([]);
  });

  test("of what is of no use in parts, all waits where a part does", () => {
    const answer = admit({ ...intent, changes: [quiet, restart], whole: true }, closedUntilSunday, 0);
    expect([answer.verdict, answer.admitted, answer.held.map((part) => part.change)]).toEqual(["hold", [], [quiet, restart]]);
    expect(admit({ ...intent, changes: [quiet], whole: true }, closedUntilSunday, 0).admitted).toEqual([quiet]);
  });

  test("what still serves is not deleted outside its window: refused, since nobody would carry it out later", () => {
    const answer = admit({ ...intent, verb: "remove", changes: [restart] }, closedUntilSunday, 0);
    expect([answer.verdict, answer.reasons]).toEqual([
      "deny",
      [
        "t/production still serves: outside maintenance until Sun 02:00 CET; nothing was deleted. Close it first: wait for that window, or ballast apply FOLDER --now --reason TEXT",
      ],
    ]);
    expect(admit({ ...intent, verb: "remove", changes: [restart] }, open, 0).verdict).toBe("allow");
  });

  test("inside a window everything runs", () => {
    expect(admit(intent, open, 0)).toEqual({
      verdict: "allow",
      admitted: [quiet, restart],
      held: [],
      reasons: ["inside a maintenance window"],
      overridden: false,
    });
  });

  test("a person may take the responsibility, by name and with a reason", () => {
    const answer = admit({ ...intent, override: { reason: "stock count is blocked" } }, closedUntilSunday, 0);
    expect([answer.verdict, answer.admitted, answer.overridden, answer.reasons]).toEqual([
      "allow",
      [quiet, restart],
      true,
      ["outside the window, by ana: stock count is blocked"],
    ]);
  });

  test("outside production no window is asked", () => {
    expect(admit(intent, { ...closedUntilSunday, protectedByCalendar: false }, 0).admitted).toEqual([quiet, restart]);
  });

  test("a stack that another operation holds is refused, with who holds it and since when", () => {
    const held = { ...open, heldBy: { operation: "op-7", since: 1000 } };
    expect(admit(intent, held, 61_000)).toMatchObject({ verdict: "deny", reasons: ["t/production is locked by operation op-7 for 60 s"] });
  });

  test("deleting data wants the name, and no override stands in for it", () => {
    const deleting: Intent = { ...intent, changes: [loss], override: { reason: "in a hurry" } };
    expect(admit(deleting, open, 0)).toMatchObject({
      verdict: "deny",
      reasons: ["deleting the data of t/production wants its name: --confirm nordwind"],
    });
    expect(admit({ ...deleting, confirmed: "nordwnid" }, open, 0).verdict).toBe("deny");
    expect(admit({ ...deleting, confirmed: "nordwind" }, open, 0)).toMatchObject({ verdict: "allow", admitted: [loss] });
  });

  test("every change is either admitted or held, never both and never lost, unless all is denied", () => {
    const any = fc.subarray([quiet, restart, afterRestart]);
    fc.assert(
      fc.property(any, fc.boolean(), fc.boolean(), (changes, protects, opened) => {
        const snapshot = { ...(opened ? open : closedUntilSunday), protectedByCalendar: protects };
        const answer = admit({ ...intent, changes }, snapshot, 0);
        const named = [...answer.admitted, ...answer.held.map((part) => part.change)].map((one) => one.node).sort();
        expect(named).toEqual(changes.map((one) => one.node).sort());
      }),
    );
  });
});
