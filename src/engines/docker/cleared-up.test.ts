import { expect, test } from "vitest";
import { failure, ProblemError } from "../../kernel/problem.ts";
import { clearedUp } from "./cleared-up.ts";

const left = { at: "acme/production/database", says: "~new~acme_production is left" } as const;
const full = failure("BAL-E004", "pool/all/postgres", "its disk is full");
const gone = () => Promise.reject(failure("BAL-E002", "pool/all/postgres", "PostgreSQL does not answer"));
const told = (error: unknown) => (error as ProblemError).problems.map((one) => `${one.code} ${one.at} ${one.message}`);

test("what failed is told alone where everything that it began was cleared up", async () => {
  expect(await clearedUp(full, left, async () => undefined)).toBe(full);
});

test("where clearing up failed too, what is left is told beside it, and the first cause stays first", async () => {
  const error = await clearedUp(full, left, gone);
  expect([error instanceof ProblemError, told(error)]).toEqual([
    true,
    [
      "BAL-E004 pool/all/postgres its disk is full",
      "BAL-E095 acme/production/database ~new~acme_production is left: PostgreSQL does not answer",
    ],
  ]);
});

test("a fault without a code stays one, with both in its words", async () => {
  const bug = new TypeError("no such column");
  const error = (await clearedUp(bug, left, gone)) as Error;
  expect([error.message, error.cause]).toEqual(["no such column; ~new~acme_production is left: PostgreSQL does not answer", bug]);
});
