import type { Command } from "commander";
import { performs } from "../../operations/perform.ts";
import type { CliContext } from "../../port.ts";
import { verb } from "../../verb.ts";
import type { CalendarOptions } from "./run.ts";

export function registerCalendar(program: Command, context: CliContext): void {
  verb(program, {
    usage: "calendar [FOLDER] [NAME]",
    summary: "Shows day by day when a calendar is open, protected and busy, and why",
    examples: ["ballast calendar examples/hello", "ballast calendar examples/hello office --from 2026-12-20 --days 7"],
  })
    .option("--days <count>", "how many days", "14")
    .option("--from <date>", "first day, such as 2026-12-20; today when not given")
    .action(
      performs<CalendarOptions, "calendar">(context, {
        verb: "calendar",
        load: async () => (await import("./run.ts")).calendar,
      }),
    );
}
