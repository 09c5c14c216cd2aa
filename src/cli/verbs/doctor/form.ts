import type { Command } from "commander";
import { performs } from "../../operations/perform.ts";
import type { CliContext } from "../../port.ts";
import { verb } from "../../verb.ts";
import type { DoctorOptions } from "./run.ts";

export function registerDoctor(program: Command, context: CliContext): void {
  verb(program, {
    usage: "doctor [FOLDER]",
    summary: "Says what is true of this machine and its fleets, and what to do about it",
    examples: ["ballast doctor"],
  })
    .option("--install", "install what is missing and can be installed")
    .option("--prune", "remove images of Ballast that nobody uses any more; shows them and asks")
    .option("--yes", "answer harmless questions with yes")
    .action(
      performs<DoctorOptions, "doctor">(context, {
        verb: "doctor",
        load: async () => (await import("./run.ts")).doctor,
      }),
    );
}
