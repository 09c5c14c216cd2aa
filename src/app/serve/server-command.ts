/** Seconds for which a new control plane waits until the one before it has let go. */
const WAIT_SECONDS = 30;

/** The machine belongs to Odoo: young memory stays small, and what work needed is given back after it. */
const FRUGAL = ["--max-semi-space-size=4", "--expose-gc"];

/** What runs a control plane: the arguments of Node, with `main` as the program. */
export function serverArguments(main: string, fleet: string): readonly string[] {
  return [...FRUGAL, main, "server", "--fleet-name", fleet, "--wait", String(WAIT_SECONDS)];
}
