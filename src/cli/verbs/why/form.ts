import type { Command } from "commander";
import { performs } from "../../operations/perform.ts";
import type { CliContext } from "../../port.ts";
import { verb } from "../../verb.ts";

export function registerWhy(program: Command, context: CliContext): void {
  verb(program, {
    usage: "why [FOLDER] [SUBJECT] [ADDRESS]",
    summary: "Says why something is so: an address, ADDRESS#FIELD, a CODE, or an operation",
    examples: ["ballast why examples/hello acme/production#sizes.web.processes", "ballast why BAL-P011"],
  }).action(
    performs(context, {
      verb: "why",
      load: async () => (await import("./run.ts")).why,
    }),
  );
}
