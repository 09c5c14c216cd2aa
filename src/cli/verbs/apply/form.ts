import type { Command } from "commander";
import { performs } from "../../operations/perform.ts";
import type { CliContext } from "../../port.ts";
import { verb } from "../../verb.ts";
import type { ApplyOptions } from "./run.ts";

export function registerApply(program: Command, context: CliContext): void {
  verb(program, {
    usage: "apply [FOLDER]",
    summary: "Makes the fleet real, as far as its calendars admit now",
    examples: ["ballast apply examples/hello", "ballast apply examples/hello --recreate acme/production"],
  })
    .option("--now", "do not wait for a maintenance window; wants --reason")
    .option("--reason <text>", "why it cannot wait; it is recorded")
    .option("--recreate <addresses...>", "data of these addresses is lost: give up what was in it, and recreate it, empty; it is recorded")
    .option(
      "--adopt <addresses...>",
      "data of these addresses was restored or replaced, and that is meant: take it for theirs from now on; it is recorded",
    )
    .option("--id <id>", "name of the operation; the same name again is the same operation")
    .option(
      "--confirm <name>",
      "the fleet's name, where several productions or all of them are closed; the address of kept data that goes to another owner; several with commas between",
    )
    .option("--new <tenant...>", "tenants that are new, though they look like others under another name")
    .action(
      performs<ApplyOptions, "apply">(context, {
        verb: "apply",
        load: async () => (await import("./run.ts")).apply,
        inLines: () => true,
      }),
    );
}
