import type { Because, Why } from "./answer.ts";

/** An operation, as the control plane tells it. */
export interface ToldOperation {
  readonly id: string;
  readonly verb: string;
  readonly stack: string | null;
  readonly state: "running" | "done" | "held" | "refused" | "failed";
  readonly actor: string;
}

/** One line of the ledger about it. */
export interface ToldDecision {
  readonly at: string;
  readonly actor: string;
  readonly act: string;
  readonly subject: string;
  readonly reasons: readonly string[];
}

export interface OperationQuestion {
  readonly operation: ToldOperation;
  readonly began: string;
  readonly parts: readonly ToldOperation[];
  readonly ledger: readonly ToldDecision[];
  /** What its result says of parts that wait and of problems. */
  readonly held: readonly { readonly node: string; readonly until?: string | undefined; readonly because: string }[];
  readonly problems: readonly {
    readonly code: string;
    readonly at: string;
    readonly message: string;
    readonly hint?: string | undefined;
  }[];
  readonly fleet: string;
}

/** Who started it, what was decided about it and by which rule, and what came of it. */
export function whyOperation({ operation, began, parts, ledger, held, problems, fleet }: OperationQuestion): Why {
  const { id, verb, state, actor, stack } = operation;
  const unlike = parts.filter((part) => part.state !== "done");
  return {
    subject: id,
    about: "operation",
    says: `${verb}${stack === null ? "" : ` of ${stack}`} by ${actor}, begun ${began}, ${state === "running" ? "still runs" : `ended as ${state}`}`,
    because: [
      ...ledger.map(decided),
      ...held.map(
        (part): Because => ({ text: `held${part.until === undefined ? "" : ` until ${part.until}`}: ${part.because}`, at: part.node }),
      ),
      ...problems.map((problem): Because => ({ text: problem.message, rule: problem.code, at: problem.at })),
      ...unlike.map(
        (part): Because => ({
          text: `its part ${part.id} ${part.state === "running" ? "still runs" : `ended as ${part.state}`}`,
          at: part.stack ?? part.id,
        }),
      ),
    ],
    repair: problems.flatMap((problem) => problem.hint ?? []),
    next: [
      `ballast operations ${id}${state === "running" ? " --follow" : ""}`,
      ...(state === "held" ? [`ballast apply ${fleet} --now --reason TEXT`] : []),
      ...(state === "failed" || state === "refused" ? [`ballast plan ${fleet}`] : []),
    ],
  };
}

function decided({ at, actor, act, subject, reasons }: ToldDecision): Because {
  const words = reasons.length === 0 ? "no rule stood against it" : reasons.join("; ");
  return { text: `${subject}: ${words}`, rule: `ledger: ${act} for ${actor}`, at };
}
