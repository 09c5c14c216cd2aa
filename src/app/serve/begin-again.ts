import { failure, type ProblemError } from "../../kernel/problem.ts";
import { environmentOf } from "../secrets/give-up-lost.ts";

/** A store that ends so soon after the start would end again: then whoever watches over this process decides. */
const SOONEST_SECONDS = 30;
const GIVEN_UP = 70;

/** What is written down when the store is lost. */
export function lostStore(fleet: string): ProblemError {
  return failure("BAL-S009", fleet, "the connection to the store was lost: this control plane lost leadership, and begins again at once", {
    hint: "nothing is lost: tenants run on, unfinished operations are taken up",
  });
}

/**
 * Begins again as the same process, as after `kill -9`: another may lead from the moment on in which the store was lost, so nothing of what is
 * under way may go on here. Steps that were half done are resumed.
 */
export function beginAgain(): never {
  const words = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  if (process.uptime() >= SOONEST_SECONDS) process.execve?.(process.execPath, words, environmentOf(process.env, false));
  process.exit(GIVEN_UP);
}
