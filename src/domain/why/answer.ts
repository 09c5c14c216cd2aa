/** One reason, with what it rests on. */
export interface Because {
  readonly text: string;
  /** The rule that decided: of the sum of a stack's health, a calendar, a guardrail, a tier. */
  readonly rule?: string;
  /** `file:line:column`, a node, an instant: where the evidence is. */
  readonly at?: string;
}

/** Why something is as it is: the answer in one sentence, what it rests on, and what would change it. */
export interface Why {
  readonly subject: string;
  readonly about: "state" | "declaration" | "value" | "code" | "operation";
  readonly says: string;
  readonly because: readonly Because[];
  readonly repair: readonly string[];
  /** Commands to go on with. */
  readonly next: readonly string[];
}
