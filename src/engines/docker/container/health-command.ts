/** Where the guard addon of every image leaves its sign of life, and how old one may be: four times the pause between two. */
const SIGN = "/tmp/.ballast-alive";
const SIGN_SECONDS = 20;

/**
 * Whether an Odoo process is alive, asked inside its container. Not a request: those wait in a queue, and a process with too much work would look dead.
 * A shell and `find` cost a fiftieth of a Python that starts.
 */
export function livenessCommand(): readonly string[] {
  return ["sh", "-c", `test -n "$(find ${SIGN} -newermt '${SIGN_SECONDS} seconds ago' 2>/dev/null)"`];
}
