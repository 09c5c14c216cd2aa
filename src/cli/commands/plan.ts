import type { Command } from "commander";
import type { PlanOptions } from "../actions/plan.ts";
import { performs } from "../perform.ts";
import type { CliContext } from "../port.ts";
import { verb } from "../verb.ts";

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
        load: async () => (await import("../actions/plan.ts")).plan,
      }),
    );
}
