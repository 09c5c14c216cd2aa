import type { CertificateFault } from "../stack/served-certificate.ts";
import type { StackState } from "../stack/status.ts";
import { judgePage, type PageObservation, type Processes } from "./page.ts";
import { describeUndone, type UndoneWork } from "./work.ts";

/** What an environment shows of itself beyond its processes: the page that its users get, and the work that Odoo leaves undone. */
export interface EnvironmentHealth {
  /** Missing for a stack that has no way in. */
  readonly page?: PageObservation;
  /** Missing where it cannot be read. */
  readonly work?: UndoneWork;
}

export interface EnvironmentState {
  readonly state: StackState;
  readonly because: readonly string[];
  /** True where one of its processes was just started, and has not shown its health since. */
  readonly starting?: true;
}

/** What is known to be wrong outweighs what is not known, and more of it outweighs less. */
const WEIGHT: Readonly<Record<StackState, number>> = { serving: 0, unknown: 1, degraded: 2, down: 3, stopped: 3 };

/**
 * The state of an environment whose processes are in `seen`, with what its page and its database show. `serving` is left only where a page was answered;
 * where its processes are known to be down or stopped, the page adds nothing.
 */
export function withHealth(seen: EnvironmentState, { page, work }: EnvironmentHealth): EnvironmentState {
  if (seen.state === "down" || seen.state === "stopped") return seen;
  const verdict = page === undefined ? undefined : judgePage(page, processesOf(seen));
  const undone = work === undefined ? [] : describeUndone(work);
  const states: StackState[] = [seen.state, verdict?.state ?? "serving", undone.length > 0 ? "degraded" : "serving"];
  const state = states.reduce((worst, one) => (WEIGHT[one] > WEIGHT[worst] ? one : worst));
  return { state, because: [...(verdict === undefined ? [] : [verdict.because]), ...seen.because, ...undone] };
}

function processesOf({ state, starting }: EnvironmentState): Processes {
  if (state !== "serving") return "not all alive";
  return starting === true ? "starting" : "alive";
}

/**
 * The state of a stack that serves, with what is wrong with its certificate: browsers may refuse it while everything runs.
 * @param fault `unknown` where no certificate could be read.
 * @param hasIngress whether the ingress is its own: of an environment, its page tells what cannot be read.
 */
export function withCertificate(
  seen: EnvironmentState,
  fault: CertificateFault | "unknown" | undefined,
  hasIngress: boolean,
): EnvironmentState {
  if (fault === undefined) return seen;
  if (fault === "unknown") {
    return hasIngress ? { state: "unknown", because: [...seen.because, "the certificate that the ingress shows could not be read"] } : seen;
  }
  return { state: fault.severe ? "degraded" : seen.state, because: [...seen.because, `${fault.code} ${fault.says}`] };
}
