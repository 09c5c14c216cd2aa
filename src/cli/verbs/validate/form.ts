import type { Command } from "commander";
import { performs } from "../../operations/perform.ts";
import type { CliContext } from "../../port.ts";
import { verb } from "../../verb.ts";

export function registerValidate(program: Command, context: CliContext): void {
  verb(program, {
    usage: "validate [FOLDER]",
    summary: "Reads a fleet and says everything that is wrong with it",
    examples: ["ballast validate examples/hello"],
  }).action(
    performs(context, {
      verb: "validate",
      load: async () => (await import("./run.ts")).validate,
    }),
  );
}
