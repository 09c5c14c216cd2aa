import type { Command } from "commander";
import { performs } from "../../operations/perform.ts";
import type { CliContext } from "../../port.ts";
import { verb } from "../../verb.ts";

export function registerCompletion(program: Command, context: CliContext): void {
  verb(program, {
    usage: "completion <SHELL>",
    summary: "Prints the completion script for bash, zsh or fish",
    examples: ["ballast completion bash > ~/.local/share/bash-completion/completions/ballast"],
    fleet: false,
  }).action(
    performs(context, {
      verb: "completion",
      load: async () => (await import("./run.ts")).completionOf(program),
    }),
  );
}
