import { Command, CommanderError } from "commander";
import { EXIT, EXIT_CODES_TEXT } from "./exit.ts";
import type { CliContext } from "./port.ts";
import { CLI_SCHEMA } from "./terminal/schema-version.ts";
import { oneLine, print, printJson } from "./terminal/terminal.ts";
import { COMMANDS } from "./verbs/index.ts";

const EXAMPLE = `Example:
  ballast up examples/hello
`;

export function buildProgram(context: CliContext): Command {
  const program = new Command("ballast")
    .description("Runs Odoo for logistics companies: a fleet declared in files, made real, kept matching, and proven safe.")
    .version(context.version, "-V, --version")
    .exitOverride()
    .showHelpAfterError(false)
    .helpCommand(false)
    .addHelpText("before", EXAMPLE)
    .addHelpText("after", `\n${EXIT_CODES_TEXT}`)
    .configureOutput({
      writeOut: (text) => print(context.stdout, text),
      writeErr: (text) => print(context.stderr, text),
      outputError: () => undefined,
    });
  for (const register of COMMANDS) register(program, context);
  registerHelp(program, context);
  return program;
}

function registerHelp(program: Command, context: CliContext): void {
  program
    .command("help")
    .argument("[TOPIC]")
    .summary("about a command, or exit-codes")
    .description("Prints the help of a command, or of the topic exit-codes.")
    .action((topic: string | undefined, _options: object, help: Command) => {
      if (topic === "exit-codes") print(context.stdout, EXIT_CODES_TEXT);
      else if (topic === undefined) program.outputHelp();
      else helpOn(program, help, topic);
    });
}

function helpOn(program: Command, help: Command, topic: string): void {
  const found = program.commands.find((command) => command.name() === topic);
  if (found === undefined) help.error(`error: there is no command or topic '${topic}'`);
  else found.outputHelp();
}

/** Runs one command line; never throws for what a person did wrong. */
export async function runCli(context: CliContext, argv: readonly string[]): Promise<void> {
  const program = buildProgram(context);
  if (argv.length === 0) {
    program.outputHelp();
    context.end(EXIT.usage);
    return;
  }
  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    refuse(context, argv, error.message);
  }
}

/** Wrong usage, as the parser words it: `error: unknown command 'plna'\n(Did you mean plan?)`. */
function refuse(context: CliContext, argv: readonly string[], raw: string): void {
  const message = raw.replace(/^error: /, "").replace(/\s*\n\((Did you mean .*)\)$/s, ". $1");
  const verb = argv.find((word) => !word.startsWith("-")) ?? "ballast";
  const hint = `ballast ${message.startsWith("unknown command") || verb === "ballast" ? "" : `${verb} `}--help`;
  const problem = { code: "BAL-C001", severity: "error", at: "ballast", message, hint };
  if (argv.includes("--json")) {
    printJson(context.stdout, { schema: CLI_SCHEMA, command: verb, exit: EXIT.usage, problems: [problem] });
  } else print(context.stderr, `${problem.at}  ${problem.code} error  ${oneLine(message)}\n    → ${hint}\n`);
  context.end(EXIT.usage);
}
