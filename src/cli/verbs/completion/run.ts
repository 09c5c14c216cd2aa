import type { Command } from "commander";
import { failure } from "../../../kernel/problem.ts";
import { EXIT } from "../../exit.ts";
import type { Action } from "../../terminal/outcome.ts";

interface Verb {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly string[];
}

/** Completes verbs, their options, and folders. */
export function completionOf(program: Command): Action<object, "completion"> {
  return async ({ words }) => {
    const verbs = program.commands.map((command) => ({
      name: command.name(),
      summary: command.summary(),
      flags: command.options.flatMap((option) => option.long ?? []),
    }));
    const [shell = ""] = words;
    const write = SHELLS[shell as keyof typeof SHELLS];
    if (write === undefined) throw failure("BAL-C001", "completion", `"${shell}" is not a shell it knows; one of: bash, zsh, fish`);
    const script = write(verbs);
    return { exit: EXIT.done, text: script, data: { shell: shell as keyof typeof SHELLS, script } };
  };
}

const SHELLS = { bash, zsh, fish } as const;

function bash(verbs: readonly Verb[]): string {
  return `_ballast() {
  local word="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${verbs.map((verb) => verb.name).join(" ")}" -- "$word"))
    return
  fi
  local flags=""
  case "\${COMP_WORDS[1]}" in
${verbs.map((verb) => `    ${verb.name}) flags="${verb.flags.join(" ")}" ;;`).join("\n")}
  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
    *) COMPREPLY=($(compgen -d -- "$word")) ;;
  esac
}
complete -o filenames -F _ballast ballast ./ballast`;
}

function zsh(verbs: readonly Verb[]): string {
  return `#compdef ballast
_ballast() {
  local -a verbs
  verbs=(
${verbs.map((verb) => `    '${verb.name}:${verb.summary.replaceAll("'", "’")}'`).join("\n")}
  )
  if (( CURRENT == 2 )); then _describe 'command' verbs; return; fi
  case "$words[2]" in
${verbs.map((verb) => `    ${verb.name}) compadd -- ${verb.flags.join(" ")} ;;`).join("\n")}
  esac
  _files -/
}
compdef _ballast ballast`;
}

function fish(verbs: readonly Verb[]): string {
  const lines = verbs.flatMap((verb) => [
    `complete -c ballast -n __fish_use_subcommand -f -a ${verb.name} -d '${verb.summary.replaceAll("'", "’")}'`,
    ...verb.flags.map((flag) => `complete -c ballast -n '__fish_seen_subcommand_from ${verb.name}' -l ${flag.slice(2)}`),
  ]);
  return lines.join("\n");
}
