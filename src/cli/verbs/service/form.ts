import type { Command } from "commander";
import { performs } from "../../operations/perform.ts";
import type { CliContext } from "../../port.ts";
import { verb } from "../../verb.ts";
import type { ServiceOptions } from "./run.ts";

export function registerService(program: Command, context: CliContext): void {
  verb(program, {
    usage: "service <ACTION> [FOLDER]",
    summary: "Lets a fleet start with the machine: install, status or remove",
    examples: ["ballast service install examples/hello"],
  })
    .option("--print", "with install: only show the systemd unit")
    .action(
      performs<ServiceOptions, "service">(context, {
        verb: "service",
        load: async () => (await import("./run.ts")).service,
      }),
    );
}
