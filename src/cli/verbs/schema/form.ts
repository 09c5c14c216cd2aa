import type { Command } from "commander";
import { performs } from "../../operations/perform.ts";
import type { CliContext } from "../../port.ts";
import { verb } from "../../verb.ts";

export function registerSchema(program: Command, context: CliContext): void {
  verb(program, {
    usage: "schema [WHICH]",
    summary: "Prints the JSON Schema of the fleet language, or of what --json answers",
    examples: ["ballast schema", "ballast schema answers"],
    fleet: false,
  }).action(
    performs(context, {
      verb: "schema",
      load: async () => (await import("./run.ts")).schema,
    }),
  );
}
