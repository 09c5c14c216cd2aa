import { expect, test } from "vitest";
import { sharedSession } from "../../../test/support/shared-session.ts";
import { endingsOfNumbers, keepingNumbers } from "./transaction-numbers.ts";

const MILLION = 1_000_000;
const session = (pid: number, more = {}) => sharedSession({ pid, role: "evil", stateSince: 0 }, more);

test("a database keeps too many numbers where either kind is older than half of what the server has for everybody", () => {
  const one = (database: string, age: number, sharedAge: number) => ({ database, age: age * MILLION, sharedAge: sharedAge * MILLION });
  const all = [one("quiet", 1000, 1000), one("old", 1001, 1), one("shared", 1, 1001), one("vacuumed", 210, 400)];
  expect(keepingNumbers(all).map(({ database }) => database)).toEqual(["old", "shared"]);
});

test("everybody in it is ended, also who is idle: temporary tables show nowhere; superusers and workers, which free the numbers, are not", () => {
  const sessions = [session(1), session(2, { idleInTransaction: true }), session(3, { superuser: true }), session(4, { worker: true })];
  const endings = endingsOfNumbers({ database: "old", age: 1100 * MILLION, sharedAge: 0 }, sessions);
  expect(endings.map(({ session: { pid }, because }) => [pid, because])).toEqual(
    [1, 2].map((pid) => [pid, "its database kept 51 % of the numbers of transactions that the server has for everybody"]),
  );
});
