import type { CodeEntry } from "../kernel/problem.ts";

/** What the command line itself refuses, or cannot know. */
export const CLI_CODES: readonly CodeEntry[] = [
  { code: "BAL-C001", title: "A command was used wrongly" },
  { code: "BAL-C002", title: "Nobody can be asked here, so a flag must answer" },
  { code: "BAL-C003", title: "No fleet was named, and none can be found" },
  { code: "BAL-C004", title: "A fleet folder is not there, or holds no YAML" },
  { code: "BAL-C005", title: "A file of the fleet cannot be read, or leads out of its folder" },
  { code: "BAL-C006", title: "A fleet folder holds too much" },
  { code: "BAL-C007", title: "No control plane runs for the fleet" },
  { code: "BAL-C008", title: "The control plane does not answer" },
  { code: "BAL-C009", title: "Command line and control plane are of different versions" },
  { code: "BAL-C010", title: "The control plane did not start" },
  { code: "BAL-C011", title: "The machine lacks something that the fleet needs" },
  { code: "BAL-C012", title: "The name that was typed is another" },
  { code: "BAL-C013", title: "No such address" },
  { code: "BAL-C014", title: "The work goes on without this command" },
  { code: "BAL-C015", title: "A fault of Ballast itself" },
  { code: "BAL-C016", title: "A file is there already" },
  { code: "BAL-C017", title: "There is nothing of this name to ask about" },
  { code: "BAL-C018", title: "Nothing starts services on this machine" },
  { code: "BAL-C019", title: "A service could not be installed or removed" },
  { code: "BAL-C044", title: "Another user's program listens where the control plane was" },
  { code: "BAL-C041", title: "It is another user's, so what is there cannot be known" },
  { code: "BAL-C047", title: "This user may not read or write there" },
  { code: "BAL-C048", title: "What would have written the log is away" },
  { code: "BAL-C085", title: "The control plane is not there: its process has ended, or nobody listens at its address" },
];
