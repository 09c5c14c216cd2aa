import type { CodeEntry } from "../kernel/problem.ts";

/** What ends an operation early. */
export const WORKFLOW_CODES: readonly CodeEntry[] = [
  { code: "BAL-W001", title: "A step failed or took too long, also when tried again" },
  { code: "BAL-W002", title: "Admission refused it" },
  { code: "BAL-W003", title: "A node cannot be judged: what is there is unknown" },
  { code: "BAL-W004", title: "A change of an immutable field, or one that what is there does not allow" },
  { code: "BAL-W005", title: "After the changes the stack is still not as wanted" },
  { code: "BAL-W006", title: "A stack it needs could not be brought up" },
  { code: "BAL-W007", title: "A journey ended early" },
  { code: "BAL-W008", title: "An operation that was not begun" },
  { code: "BAL-W029", title: "The fleet is being deleted, or is deleted" },
  { code: "BAL-W030", title: "Other work on the same stacks has not ended" },
  { code: "BAL-W031", title: "A fault of Ballast itself ended a step" },
  { code: "BAL-W054", title: "The fleet was stopped meanwhile" },
  { code: "BAL-W076", title: "The fleet is stopped, and this would start something" },
  { code: "BAL-W080", title: "A stack cannot be seen now, and what is asked depends on what is there" },
  { code: "BAL-W055", title: "A change that was given up has not ended" },
  { code: "BAL-W044", title: "After the changes its users get no page" },
  { code: "BAL-W027", title: "A renamed tenant's data cannot be taken over as a whole" },
  { code: "BAL-W028", title: "Data is not what was made; it is left as it is" },
  { code: "BAL-W026", title: "What held data is gone, and is not recreated by itself" },
];
