/** Commands that are about a fleet, and look for it where none is named. What follows is kept out where it names one already, by its folder or otherwise. */
const COMMAND = /(?<=^|[^\w/])((?:\.\/)?ballast (?:apply|down|journey|logs|operations|plan|rotate|status|up|why))(?= |$|[;:,)])( \S+)?/g;

/** A remedy as it can be typed where several fleets are: each command in it names the fleet. Without a name it stays as it is. */
export function remedyFor(fleet: string | undefined, text: string): string {
  if (fleet === undefined) return text;
  return text.replaceAll(COMMAND, (found, command: string, word: string | undefined) =>
    word !== undefined && isNamed(word.trim(), fleet) ? found : `${command} --fleet ${quoted(fleet)}${word ?? ""}`,
  );
}

function isNamed(word: string, fleet: string): boolean {
  return word.replace(/[;:,)]+$/, "") === fleet || ["FOLDER", "--fleet", "--help"].includes(word);
}

function quoted(word: string): string {
  return /^[\w./@+:-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The same in all that a command tells of. */
export function remediesFor<P extends { readonly hint?: string | undefined }>(fleet: string | undefined, problems: readonly P[]): P[] {
  return problems.map((problem) => (problem.hint === undefined ? problem : { ...problem, hint: remedyFor(fleet, problem.hint) }));
}
