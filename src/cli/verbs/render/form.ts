import type { Command } from "commander";
import { performs } from "../../operations/perform.ts";
import type { CliContext } from "../../port.ts";
import { verb } from "../../verb.ts";
import type { RenderOptions } from "./run.ts";

export function registerRender(program: Command, context: CliContext): void {
  verb(program, {
    usage: "render [FOLDER]",
    summary: "Writes the fleet as a project that runs without Ballast",
    examples: ["ballast render examples/hello --engine compose"],
  })
    .option("--engine <engine>", "compose", "compose")
    .option("--out <folder>", "where to write it; without it the project file is only shown")
    .option("--with-secrets", "write random secrets too, readable by the containers' user alone")
    .action(
      performs<RenderOptions, "render">(context, {
        verb: "render",
        load: async () => (await import("./run.ts")).render,
      }),
    );
}
