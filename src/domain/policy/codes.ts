import type { CodeEntry } from "../../kernel/problem.ts";
import { NEEDLESS_WAIVER } from "./check.ts";
import { RULES } from "./list.ts";

/** The guardrails, as the reference and `why` list them. */
export const POLICY_CODES: readonly CodeEntry[] = [
  ...RULES.map(({ code, title, severity, reason }) => ({ code, title, severity, reason })),
  {
    code: NEEDLESS_WAIVER,
    title: "A waiver matches nothing",
    severity: "note",
    reason: "An exception that nothing needs today would silently cover what goes wrong tomorrow.",
  },
];
