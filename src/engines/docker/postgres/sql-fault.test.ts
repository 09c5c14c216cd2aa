import { describe, expect, test } from "vitest";
import { ProblemError } from "../../../kernel/problem.ts";
import { insideFault, serverFault, sqlFault } from "./sql-fault.ts";

function codeOf(message: string, code?: string): string {
  const fault = sqlFault("pool/everyone/postgres", Object.assign(new Error(message), code === undefined ? {} : { code }));
  return fault instanceof ProblemError ? (fault.problems[0]?.code ?? "") : "as it was";
}

describe("what PostgreSQL throws", () => {
  test.each([
    ["a full disk", "could not extend file", "53100", "BAL-E004"],
    ["a full disk in other words", 'could not write to file "pg_wal/x": No space left on device', "58030", "BAL-E004"],
    ["a template in use", "source database is being accessed by other users", "55006", "BAL-E009"],
    ["a crash of another process", "terminating connection because of crash of another server process", "57P02", "BAL-E002"],
    ["a server that begins", "the database system is starting up", "57P03", "BAL-E002"],
    ["no seat free", "sorry, too many clients already", "53300", "BAL-E002"],
    ["a connection that broke", "Connection terminated unexpectedly", undefined, "BAL-E002"],
    ["a mistake in a statement", "syntax error", "42601", "as it was"],
  ])("%s", (_what, message, sqlstate, code) => {
    expect(codeOf(message, sqlstate)).toBe(code);
  });
});

test("a superuser's statement that waited in vain says for whom; anything else it throws is what it is elsewhere", () => {
  const thrown = (code: string, detail?: string) =>
    serverFault("pool/everyone/postgres", Object.assign(new Error("words"), { code, detail }));
  const faults = [thrown("55P03", "held by process 7 of ann in postgres"), thrown("40P01"), thrown("57P01")];
  expect(
    faults.flatMap((fault) => (fault instanceof ProblemError ? fault.problems : [])).map(({ code, message }) => [code, message]),
  ).toEqual([
    ["BAL-E090", "somebody holds what was to be changed: words (held by process 7 of ann in postgres)"],
    ["BAL-E090", "somebody holds what was to be changed: words"],
    ["BAL-E002", "PostgreSQL ended the connection: words"],
  ]);
});

describe("what a database of a tenant throws", () => {
  const place = { server: "pool/everyone/postgres", at: "acme/production/database" };
  const thrown = (message: string, code: string) => insideFault(place, Object.assign(new Error(message), { code }));

  test("a refusal is the tenant's own, named by its code, in words that are short and steer no terminal", () => {
    const fault = thrown(`no \u001b[31m\n${"x".repeat(1000)}`, "P0001");
    const [problem] = fault instanceof ProblemError ? fault.problems : [];
    expect([problem?.code, problem?.at]).toEqual(["BAL-E021", "acme/production/database"]);
    expect(problem?.message).toMatch(/^its own database refuses it: no +\[31m x{200,300} \(SQLSTATE P0001\)$/);
  });

  test("a lock that is held and a statement that takes too long are the tenant's too; a server that ends is not", () => {
    const codes = ["55P03", "57014", "42501", "57P01"].map((code) => thrown("words", code));
    expect(codes.map((fault) => (fault instanceof ProblemError ? fault.problems[0]?.code : ""))).toEqual([
      "BAL-E021",
      "BAL-E021",
      "BAL-E021",
      "BAL-E002",
    ]);
  });
});
