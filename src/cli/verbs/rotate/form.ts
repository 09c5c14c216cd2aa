import type { Command } from "commander";
import { performs } from "../../operations/perform.ts";
import type { CliContext } from "../../port.ts";
import { verb } from "../../verb.ts";
import type { RotateOptions } from "./run.ts";

export function registerRotate(program: Command, context: CliContext): void {
  verb(program, {
    usage: "rotate [FOLDER] [ADDRESS]",
    summary: "Rotates secrets and restarts what uses them",
    examples: ["ballast rotate acme/production", "ballast rotate examples/hello --only sealing-key api-token"],
  })
    .option(
      "--only <names...>",
      "role-password, api-key, certificate, authority, admin-password, database-secret, sealing-key, api-token …",
    )
    .option("--now", "do not wait for a maintenance window; wants --reason")
    .option("--reason <text>", "why it cannot wait; it is recorded")
    .option("--lost-key", "the sealing key is lost: give up what was sealed and recreate every secret; wants --now")
    .addHelpText(
      "after",
      "\nWithout --only: every secret and certificate that people need not be told of. An administrator's password and the authority are\nrotated only by name. Each tenant is closed for a restart at most, inside its window or with --now.\n",
    )
    .action(
      performs<RotateOptions, "rotate">(context, {
        verb: "rotate",
        load: async () => (await import("./run.ts")).rotate,
        inLines: () => true,
      }),
    );
}
