import type { CodeEntry } from "../../../kernel/problem.ts";

/** What can go wrong while a machine is prepared. */
export const MACHINE_CODES = [
  { code: "BAL-I101", title: "Packages could not be installed" },
  { code: "BAL-I102", title: "The Docker Engine did not start" },
] as const satisfies readonly CodeEntry[];

export type MachineCode = (typeof MACHINE_CODES)[number]["code"];
