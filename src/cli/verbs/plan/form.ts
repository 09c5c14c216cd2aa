import type { Command } from "commander";
import { performs } from "../../operations/perform.ts";
import type { CliContext } from "../../port.ts";
import { verb } from "../../verb.ts";
import type { PlanOptions } from "./run.ts";

export function registerPlan(program: Command, context: CliContext): void {
  verb(program, {
    usage: "plan [FOLDER]",
    summary: "Shows what apply would do now, and why; changes nothing",
    examples: ["ballast plan examples/hello"],
  })
    .option("--exit-code", "end with 3 when there are changes, with 1 when apply would be refused")
    .action(
      performs<PlanOptions, "plan">(context, {
        verb: "plan",
        load: async () => (await import("./run.ts")).plan,
      }),
    );
}
