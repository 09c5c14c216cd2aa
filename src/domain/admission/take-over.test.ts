import { expect, test } from "vitest";
import { type TakenUp, takesUp, unconfirmedTakeOvers } from "./take-over.ts";

const old = { name: "Weser GmbH", email: "ops@weser.example" };
const weser = (more: Partial<TakenUp> = {}): TakenUp => ({
  address: "weser/production",
  owner: { name: "Weser AG", email: "it@weser.example" },
  since: "2026-11-20T10:00:00.000Z",
  formerOwner: old,
  ...more,
});
const asked = (taken: readonly TakenUp[], confirmed?: string) =>
  unconfirmedTakeOvers(taken, confirmed).map((one) => `${one.severity} ${one.code} ${one.at} ${one.message} → ${one.hint}`);

test("data that was kept of one owner goes to another one only where its address is typed", () => {
  const question =
    "error BAL-A060 weser/production takes up data kept since 2026-11-20 of owner Weser GmbH <ops@weser.example>; it is declared for another owner, Weser AG <it@weser.example> → " +
    "--confirm weser/production gives them that data; to begin empty, delete it first: ballast down weser/production --delete-data";
  expect(asked([weser()])).toEqual([question]);
  for (const other of ["roads", "weser", "weser/staging"]) expect(asked([weser()], other)).toEqual([question]);
  expect(asked([weser()], "weser/production")).toEqual([]);
  expect(asked([weser()], "roads, weser/production")).toEqual([]);
});

test("either of name and e-mail makes another owner; the same one is not asked", () => {
  expect(asked([weser({ owner: { ...old, name: "Weser AG" } })])).toHaveLength(1);
  expect(asked([weser({ owner: { ...old, email: "it@weser.example" } })])).toHaveLength(1);
  expect(asked([weser({ owner: { ...old } })])).toEqual([]);
});

test("several are answered in one", () => {
  const both = [weser(), weser({ address: "weser/staging" })];
  const hints = unconfirmedTakeOvers(both, undefined).map((one) => one.hint?.split(" gives")[0]);
  expect(hints).toEqual(["--confirm weser/production,weser/staging", "--confirm weser/production,weser/staging"]);
  expect(asked(both, "weser/production,weser/staging")).toEqual([]);
  expect(unconfirmedTakeOvers(both, "weser/staging").map((one) => one.at)).toEqual(["weser/production"]);
});

test("an owner that nobody wrote down is not asked about, but said", () => {
  const unknown: TakenUp = { address: "weser/production", owner: old };
  expect(asked([unknown])).toEqual([]);
  expect(takesUp(unknown)).toBe("takes up data that was kept of an owner that was not recorded");
});
