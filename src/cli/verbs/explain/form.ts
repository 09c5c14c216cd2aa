import type { Command } from "commander";
import { performs } from "../../operations/perform.ts";
import type { CliContext } from "../../port.ts";
import { verb } from "../../verb.ts";

export function registerExplain(program: Command, context: CliContext): void {
  verb(program, {
    usage: "explain [FOLDER] [ADDRESS]",
    summary: "Shows every effective value of an address and where it comes from",
    examples: ["ballast explain examples/hello acme/production"],
  }).action(
    performs(context, {
      verb: "explain",
      load: async () => (await import("./run.ts")).explain,
    }),
  );
}
