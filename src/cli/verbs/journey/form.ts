import type { Command } from "commander";
import { performs } from "../../operations/perform.ts";
import type { CliContext } from "../../port.ts";
import { verb } from "../../verb.ts";

export function registerJourney(program: Command, context: CliContext): void {
  verb(program, {
    usage: "journey [FOLDER] [ADDRESS]",
    summary: "Runs quotation, order and delivery on an ephemeral clone, and reads on the environment",
    examples: ["ballast journey acme/production"],
  }).action(
    performs(context, {
      verb: "journey",
      load: async () => (await import("./run.ts")).journey,
      inLines: () => true,
    }),
  );
}
