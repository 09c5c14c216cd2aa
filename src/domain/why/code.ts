import type { CodeEntry, CodeTable, Problem } from "../../kernel/problem.ts";
import type { Why } from "./answer.ts";

const GUARDRAIL = /^BAL-P/;

/** What a code means, why it exists, and where it is met now. */
export function whyCode(
  { entry, table }: { readonly entry: CodeEntry; readonly table: Pick<CodeTable, "title"> },
  { met, address, fleet }: { readonly met: readonly Problem[]; readonly address: string | undefined; readonly fleet: string | undefined },
): Why {
  const { code, title, severity, reason, remedy } = entry;
  const where = address === undefined ? "" : ` at ${address}`;
  const hints = [...new Set([...(remedy === undefined ? [] : [remedy]), ...met.flatMap((problem) => problem.hint ?? [])])];
  const waiver = GUARDRAIL.test(code) ? [`or a Waiver: rule ${code}, one exact scope, a ticket, two signers and a last day`] : [];
  const notMet = fleet === undefined ? [] : [{ text: `the fleet in ${fleet} does not meet it${where}` }];
  return {
    subject: address === undefined ? code : `${code} ${address}`,
    about: "code",
    says: `${code}${severity === undefined ? "" : ` (${severity})`}: ${title}`,
    because: [
      ...(reason === undefined ? [] : [{ text: reason, rule: table.title }]),
      ...(met.length === 0 ? notMet : met.map((problem) => ({ text: problem.message, rule: problem.severity, at: problem.at }))),
    ],
    repair: [...hints, ...waiver],
    next: [...(fleet === undefined ? [] : [`ballast validate ${fleet}`]), `docs/reference.md#codes, ${table.title}`],
  };
}

/** An entry and its table, by code. */
export function findCode(tables: readonly CodeTable[], code: string): { entry: CodeEntry; table: CodeTable } | undefined {
  for (const table of tables) {
    const entry = table.codes.find((one) => one.code === code);
    if (entry !== undefined) return { entry, table };
  }
  return undefined;
}

/** Whether a problem is about an address; about any, where none is asked for. What a message says decides nothing. */
export function isAbout(problem: Problem, address: string | undefined): boolean {
  return address === undefined || problem.address === address || problem.at === address;
}
