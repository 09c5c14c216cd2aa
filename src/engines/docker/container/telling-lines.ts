const MOST_LINES = 6;
/** Lines by which our own entry scripts, Odoo, PostgreSQL, Traefik, PgBouncer and Redis say what is wrong, and the last line of a Python traceback. */
const TELLING =
  /\b(ERROR|CRITICAL|FATAL|PANIC)\b|"level":"(error|fatal)"|^\w+(\.\w+)+: |^\w*(Error|Exception)\b|[Nn]o space left on device|^# |^ballast-/;
const TIMESTAMP = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[,.]\d+ (\d+ )?/;

/** Of what a process wrote, the lines that say why it does not do its work, each once; its last lines where none does. */
export function tellingLines(text: string): string {
  const lines = text
    .split("\n")
    .map((line) => line.trimEnd().replace(TIMESTAMP, ""))
    .filter((line) => line.trim() !== "");
  const telling = [...new Set(lines.filter((line) => TELLING.test(line)))];
  return (telling.length > 0 ? telling : lines).slice(-MOST_LINES).join("\n");
}
