import { expect, test } from "vitest";
import { sharedSession } from "../../../test/support/shared-session.ts";
import { endingsOfMembers, membersFill } from "./row-lock-members.ts";

const found = (pid: number, database: string, samples: number, more = {}) => ({
  session: sharedSession({ pid, role: database, stateSince: 0 }, { database, ...more }),
  samples,
});
const FULL = 30_000;

test("the space of members fills from a quarter of its 82,040 segments on", () => {
  expect([membersFill(20_510), membersFill(20_511)]).toEqual([false, true]);
});

test("who locks rows together is ended where most of what was noted last is of its database; a neighbour's locks are let alone", () => {
  const all = [
    found(1, "evil", 40),
    found(2, "evil", 40),
    found(3, "evil", 2),
    found(4, "victim", 30),
    found(5, "evil", 40, { superuser: true }),
  ];
  expect(endingsOfMembers(20_000, all)).toEqual([]);
  expect(endingsOfMembers(FULL, all).map(({ session: { pid }, because }) => `${pid}: ${because}`)).toEqual(
    [1, 2].map(
      (pid) =>
        `${pid}: it locked rows together with others of its database, for which 36 % of the room that the server has for everybody was taken`,
    ),
  );
});

test("where no database has most of it nobody is ended", () => {
  expect(endingsOfMembers(FULL, [found(1, "a", 40), found(2, "b", 40)])).toEqual([]);
  expect(endingsOfMembers(FULL, [])).toEqual([]);
});
