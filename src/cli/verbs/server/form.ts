import type { Command } from "commander";
import { performs } from "../../operations/perform.ts";
import type { CliContext } from "../../port.ts";
import { verb } from "../../verb.ts";
import type { ServerOptions } from "./run.ts";

export function registerServer(program: Command, context: CliContext): void {
  verb(program, {
    usage: "server",
    summary: "Runs the control plane of a fleet in the foreground",
    examples: ["ballast server --fleet-name hello"],
    fleet: false,
  })
    .requiredOption("--fleet-name <name>", "the fleet that it serves")
    .option("--port <port>", "listens on loopback; the next free one is taken when it is in use", "7300")
    .option("--wait <seconds>", "how long to wait for another leader to end", "0")
    .action(
      performs<ServerOptions, "server">(context, {
        verb: "server",
        load: async () => (await import("./run.ts")).server,
      }),
    );
}
