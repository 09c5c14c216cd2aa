import type { CodeEntry } from "../../kernel/problem.ts";

/** What the language allows and this version of Ballast cannot make real. */
export const BLUEPRINT_CODES: readonly CodeEntry[] = [
  { code: "BAL-B001", title: "A dedicated environment is not alone on its machine" },
  { code: "BAL-B002", title: "This Odoo series cannot be run by this version" },
  { code: "BAL-B003", title: "This engine cannot be used by this version" },
  { code: "BAL-B004", title: "Only one region of a fleet can be realised on one machine" },
];
