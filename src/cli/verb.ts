import type { Command } from "commander";

export interface VerbForm {
  /** Name and arguments: `plan [FOLDER]`. */
  readonly usage: string;
  readonly summary: string;
  /** Complete commands that a test runs. */
  readonly examples: readonly string[];
  /** Whether it is about a fleet, and takes `--fleet`. */
  readonly fleet?: boolean;
}

/** A command in the form that all have: help that starts with an example, `--json`, `--plain`, `--fleet`. */
export function verb(program: Command, form: VerbForm): Command {
  const [name = "", ...words] = form.usage.split(" ");
  const command = program.command(name).summary(form.summary).description(form.summary);
  for (const word of words) command.argument(word);
  command.addHelpText("before", `Example:\n${form.examples.map((example) => `  ${example}\n`).join("")}`);
  command.option("--json", "answer as JSON, with problems as JSON too");
  command.option("--plain", "no colour, no lines that are redrawn");
  if (form.fleet !== false) command.option("--fleet <fleet>", "the fleet's folder, or the name of one that runs here (BALLAST_FLEET)");
  return command;
}
