import { expect, test } from "vitest";
import { failure, ProblemError } from "../kernel/problem.ts";
import { mayPass } from "./passing.ts";

const withCode = (code: string) => Object.assign(new Error("no"), { code });

test("what does not answer may pass: a peer, a server, a time-out, wherever it is hidden", () => {
  const passing = [
    failure("BAL-E002", "pool/everyone/postgres", "does not answer"),
    failure("BAL-E090", "pool/everyone/postgres", "somebody holds it"),
    withCode("ECONNREFUSED"),
    withCode("ETIMEDOUT"),
    withCode("57P03"),
    withCode("40P01"),
    new Error("Connection terminated unexpectedly"),
    AbortSignal.abort().reason,
    new DOMException("late", "TimeoutError"),
    new TypeError("fetch failed", { cause: withCode("ECONNRESET") }),
    new AggregateError([withCode("EHOSTUNREACH")], "all addresses"),
  ];
  expect(passing.map(mayPass)).toEqual(passing.map(() => true));
});

test("mistakes in the program and refusals do not", () => {
  const lasting = [
    new TypeError("Cannot read properties of undefined (reading 'id')"),
    new RangeError("Invalid array length"),
    new SyntaxError("Unexpected token"),
    new Error("the test's fleet has mistakes"),
    withCode("ENOENT"),
    withCode("22P05"),
    withCode("42601"),
    new ProblemError([{ code: "BAL-E004", severity: "error", at: "a", message: "the disk is full" }]),
    "words",
    undefined,
  ];
  expect(lasting.map(mayPass)).toEqual(lasting.map(() => false));
});

test("causes that lead in a circle have an end", () => {
  const one = new Error("one");
  const other = new AggregateError([one], "other", { cause: one });
  one.cause = other;
  expect(mayPass(one)).toBe(false);
  other.errors.push(withCode("ECONNRESET"));
  expect(mayPass(one)).toBe(true);
});
