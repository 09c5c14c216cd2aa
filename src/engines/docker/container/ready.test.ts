import { expect, test } from "vitest";
import { failure } from "../../../kernel/problem.ts";
import { askOnce, inVain } from "./ready.ts";

test("what keeps something from being ready for now is the reason, in its own words", async () => {
  const throwing = (error: Error) => () => Promise.reject(error);
  expect(await askOnce(async () => true)).toBe(true);
  expect(await askOnce(async () => "it has no address")).toBe("it has no address");
  expect(await askOnce(throwing(new Error("connect ECONNREFUSED")))).toBe("connect ECONNREFUSED");
  expect(await askOnce(throwing(failure("BAL-E002", "pool/a/postgres", "PostgreSQL does not answer: starting up")))).toContain(
    "starting up",
  );
});

test("a problem that no waiting helps ends the waiting at once, with its own code and remedy", async () => {
  const missing = failure("BAL-E032", "pool/a/superuser-password", "is not written down", { hint: "ballast apply FOLDER writes it again" });
  await expect(askOnce(() => Promise.reject(missing))).rejects.toBe(missing);
});

test("what did not happen in time is said with the last reason", () => {
  const wait = { what: "the first answer to a query", seconds: 120 };
  expect(inVain(wait, "password authentication failed")).toBe(
    "the first answer to a query within 120 s did not happen, at last because: password authentication failed",
  );
  expect(inVain(wait, undefined)).toBe("the first answer to a query within 120 s did not happen");
});
