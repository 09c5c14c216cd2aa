import { describe, expect, test } from "vitest";
import { ProblemError } from "../../kernel/problem.ts";
import { sqlFault } from "./sql-fault.ts";

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
