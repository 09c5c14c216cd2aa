import type { Command } from "commander";
import { performs } from "../../operations/perform.ts";
import type { CliContext } from "../../port.ts";
import { verb } from "../../verb.ts";
import type { GraphOptions } from "./run.ts";

export function registerGraph(program: Command, context: CliContext): void {
  verb(program, {
    usage: "graph [FOLDER] [ADDRESS]",
    summary: "Draws what needs what: all stacks, or the nodes of one",
    examples: ["ballast graph examples/hello acme/production"],
  })
    .option("--format <format>", "mermaid or json", "mermaid")
    .action(
      performs<GraphOptions, "graph">(context, {
        verb: "graph",
        load: async () => (await import("./run.ts")).graph,
      }),
    );
}
