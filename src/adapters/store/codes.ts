import type { CodeEntry } from "../../kernel/problem.ts";

/** What can go wrong with the control plane's own state. */
export const STORE_CODES: readonly CodeEntry[] = [
  { code: "BAL-S001", title: "The embedded PostgreSQL is not installed" },
  { code: "BAL-S002", title: "The system user of the store could not be made" },
  { code: "BAL-S003", title: "The store's program lies below a folder that others may not enter" },
  { code: "BAL-S004", title: "The embedded PostgreSQL does not start" },
  { code: "BAL-S005", title: "A sealed value cannot be opened with this key" },
  { code: "BAL-S006", title: "Another control plane leads this fleet" },
  { code: "BAL-S007", title: "The store of this installation is gone" },
  { code: "BAL-S008", title: "The store does not answer" },
  { code: "BAL-S009", title: "The store was lost while working" },
  { code: "BAL-S010", title: "The sealing key is missing" },
  { code: "BAL-S032", title: "A secret is empty" },
  { code: "BAL-S035", title: "A file of the installation is not what was written" },
  { code: "BAL-S020", title: "The file of the sealing key cannot be replaced" },
  { code: "BAL-S026", title: "The copy of what is remembered of data cannot be read" },
  { code: "BAL-S085", title: "The mark of an installation and its store are of different instances" },
];
