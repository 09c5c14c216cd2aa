import type { CodeEntry } from "../kernel/problem.ts";

/** What the HTTP surface refuses. */
export const API_CODES: readonly CodeEntry[] = [
  { code: "BAL-A001", title: "No token, or a wrong one" },
  { code: "BAL-A002", title: "A call from another host or site" },
  { code: "BAL-A003", title: "A request that breaks the contract" },
  { code: "BAL-A004", title: "There is no such thing" },
  { code: "BAL-A005", title: "The control plane met a fault of its own" },
  { code: "BAL-A006", title: "What is declared is not deleted alone" },
  { code: "BAL-A007", title: "Nothing of this name can be rotated" },
  { code: "BAL-A008", title: "A rotation waits for the maintenance window" },
  { code: "BAL-A032", title: "Too many streams of events and logs are open" },
  { code: "BAL-A026", title: "Nothing of it is lost, so nothing is recreated" },
  { code: "BAL-A033", title: "Reading a fleet took too long, or too much memory" },
  { code: "BAL-A041", title: "Closing several productions, or all of them, wants the fleet's name" },
  { code: "BAL-A042", title: "A tenant may be another one under a new name" },
  { code: "BAL-A043", title: "Stopping production wants the fleet's name and a reason" },
  { code: "BAL-A060", title: "Data that was kept would go to another owner" },
  { code: "BAL-A061", title: "A suspended environment lets no journey in" },
  { code: "BAL-A054", title: "What is in force cannot be read" },
  { code: "BAL-A052", title: "Something else stands in the place of what is to be recreated" },
  { code: "BAL-A053", title: "There is nothing to adopt" },
  { code: "BAL-A056", title: "An environment would have to move to other servers or another region" },
];
