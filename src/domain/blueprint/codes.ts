import type { CodeEntry } from "../../kernel/problem.ts";

/** What the language allows and this version of Ballast cannot make real. */
export const BLUEPRINT_CODES: readonly CodeEntry[] = [
  {
    code: "BAL-B001",
    title: "A dedicated environment is not alone on its machine",
    remedy: "declare hosting: isolated, or give its neighbours another region",
  },
  {
    code: "BAL-B002",
    title: "This Odoo series cannot be run by this version",
    remedy: "declare a series that it can run, or keep the environment where it is until a version of Ballast can",
  },
  { code: "BAL-B003", title: "This engine cannot be used by this version" },
  { code: "BAL-B004", title: "Only one region of a fleet can be realised on one machine" },
  {
    code: "BAL-B085",
    title: "A declared field has no effect in this version",
    severity: "warning",
    reason: "The language is ahead of what is made real: who declares a limit or a promise must not take it for kept.",
    remedy: "leave it where it says what you want later; until then see to it by other means",
  },
];
