import { failure, ProblemError } from "../../../kernel/problem.ts";
import { fullDisk, saysFull } from "../room.ts";

/** Classes and codes of SQLSTATE (PostgreSQL, appendix A) that pass by themselves: a server that ends, begins, or has no seat free. */
const PASSING = /^(08...|57P0[1-5]|53300)$/;
const IN_USE = "55006";
/** Waited for somebody's lock in vain, or for each other. */
const HELD_UP = /^(55P03|40P01)$/;
/** What the driver says, without a code, of a connection that broke. */
const BROKEN = /Connection terminated|Connection ended|not queryable|ECONNRESET|EPIPE|timeout expired/;

/** What a statement threw, as a coded problem where its cause is known. What is not known is left as it is. */
export function sqlFault(server: string, error: unknown): unknown {
  if (error instanceof ProblemError || !(error instanceof Error)) return error;
  const { code = "", detail } = error as { code?: string; detail?: string };
  const words = detail === undefined ? error.message : `${error.message} (${detail})`;
  if (code === "53100" || saysFull(words)) return fullDisk(server, words, error);
  if (code === IN_USE) {
    return failure("BAL-E009", server, words, {
      hint: "end the session that somebody opened there, then apply again",
      cause: error,
    });
  }
  if (PASSING.test(code) || (code === "" && BROKEN.test(words))) {
    return failure("BAL-E002", server, `PostgreSQL ended the connection: ${words}`, { cause: error });
  }
  return error;
}

/** What a statement of the superuser's threw: it waits for nobody without privileges, so whoever still held it up is an operator, or Ballast itself. */
export function serverFault(server: string, error: unknown): unknown {
  const { code = "", message, detail } = error as { code?: string; message?: string; detail?: string };
  if (error instanceof ProblemError || !HELD_UP.test(code)) return sqlFault(server, error);
  return failure("BAL-E090", server, `somebody holds what was to be changed: ${message}${detail === undefined ? "" : ` (${detail})`}`, {
    hint: "sessions of tenants that do so are ended; see which other one has a transaction open on that server (pg_stat_activity), end it, then apply again",
    cause: error,
  });
}

const MOST_WORDS = 300;

/**
 * What a statement threw in a database of a tenant. What is not a fault of the server is the tenant's own doing: a trigger, a constraint or a lock that
 * refuses what Ballast writes. Its words are the tenant's too, so they are cut, and what steers a terminal is left out.
 */
export function insideFault({ server, at }: { readonly server: string; readonly at: string }, error: unknown): unknown {
  const fault = sqlFault(server, error);
  const { code } = error as { code?: unknown };
  if (fault !== error || !(error instanceof Error) || typeof code !== "string" || !/^[0-9A-Z]{5}$/.test(code)) return fault;
  const words = error.message.replaceAll(/[^\P{C} ]+/gu, " ").slice(0, MOST_WORDS);
  return failure("BAL-E021", at, `its own database refuses it: ${words} (SQLSTATE ${code})`, {
    hint: "look in that database for the trigger, rule, policy or lock that does so; nothing outside it was touched",
    cause: error,
  });
}
