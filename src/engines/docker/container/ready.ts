import type Dockerode from "dockerode";
import { fetchBounded } from "../../../adapters/http/bounded-fetch.ts";
import type { NodeId } from "../../../domain/stack/node.ts";
import { bounded, MESSAGE } from "../../../kernel/foreign-text.ts";
import { failure, ProblemError } from "../../../kernel/problem.ts";
import { ownContainer } from "../observe/own-objects.ts";
import { fullDisk, saysFull } from "../room.ts";
import type { Scope } from "../scope.ts";
import { lastWords } from "./containers.ts";
import { tellingLines } from "./telling-lines.ts";

/** Whoever waits for a new tenant waits half of it for nothing, twice. */
const PAUSE_MS = 20;
/** So many questions are about half a second. */
const ALIVE_EACH = 20;
/** A process that Docker had to start again so often does not come up: waiting longer helps nobody. */
const MOST_RESTARTS = 3;
const READ_LINES = 120;

/** Yes, or why not yet, in words where there are any. */
export type Readiness = boolean | string;

/** Faults that pass while something starts: it does not answer yet, or somebody holds what was to be changed. */
const PASSING_CODES: ReadonlySet<string> = new Set(["BAL-E002", "BAL-E090"]);

/** Asks once. What a question throws is why it is not ready; but a coded problem that no waiting helps, such as a password that is not written down, is thrown on. */
export async function askOnce(ready: () => Promise<Readiness>): Promise<Readiness> {
  try {
    return await ready();
  } catch (error) {
    if (error instanceof ProblemError && !error.problems.some(({ code }) => PASSING_CODES.has(code))) throw error;
    return bounded(error instanceof Error ? error.message : String(error), MESSAGE);
  }
}

/** What did not happen in time, with the last reason why not. */
export function inVain({ what, seconds }: { readonly what: string; readonly seconds: number }, last: string | undefined): string {
  return `${what} within ${seconds} s did not happen${last === undefined ? "" : `, at last because: ${last}`}`;
}

/** Asks until the answer is yes. A process that ended is said at once, with its own last words, instead of waiting for the time to run out. */
export async function waitUntilReady(
  scope: Scope,
  wait: { node: NodeId; seconds: number; what: string; signal: AbortSignal },
  ready: () => Promise<Readiness>,
): Promise<void> {
  const deadline = performance.now() + wait.seconds * 1000;
  const before = (await inspected(scope, wait.node))?.RestartCount ?? 0;
  let last: string | undefined;
  for (let round = 1; ; round++) {
    const answer = await askOnce(ready);
    if (answer === true) return;
    if (answer !== false) last = answer;
    wait.signal.throwIfAborted();
    if (round % ALIVE_EACH === 0) await assertAlive(scope, wait.node, before);
    if (performance.now() > deadline) throw await notReady(scope, wait.node, inVain(wait, last));
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** A process that does not do its work, with the lines in which it says why. */
export async function notReady(scope: Scope, node: NodeId, how: string): Promise<ProblemError> {
  const words = tellingLines(await lastWords(scope, node, READ_LINES));
  if (saysFull(words)) return fullDisk(node, `${how}; its last log lines: ${words}`);
  return failure("BAL-E005", node, `${how}; its last log lines: ${words || "none"}`);
}

async function inspected(scope: Scope, node: NodeId): Promise<Dockerode.ContainerInspectInfo | undefined> {
  return await ownContainer(scope, node);
}

async function assertAlive(scope: Scope, node: NodeId, restartsBefore: number): Promise<void> {
  const found = await inspected(scope, node);
  const restarts = (found?.RestartCount ?? 0) - restartsBefore;
  const comesBack = found?.State.Running || found?.State.Restarting;
  if (comesBack && restarts < MOST_RESTARTS) return;
  throw await notReady(scope, node, `${endOf(found)}${restarts > 0 ? `, after ${restarts} restarts too` : ""}`);
}

function endOf(found: Dockerode.ContainerInspectInfo | undefined): string {
  if (found?.State.OOMKilled) return "was killed for using more memory than it may";
  return `ended with code ${found?.State.ExitCode ?? "unknown"}`;
}

/** A page of Odoo is some 100 kB. What is larger, or never ends, is no answer. */
const PAGE_BYTES = 8 * 1024 * 1024;

/** One HTTP question with a short limit, posted as JSON when it has a body; undefined when nobody answers it to the end. */
export async function ask(url: string, body?: string, seconds = 5): Promise<number | undefined> {
  const posted = body === undefined ? {} : { method: "POST", body, headers: { "content-type": "application/json" } };
  try {
    return (await fetchBounded(url, posted, { bytes: PAGE_BYTES, seconds })).status;
  } catch {
    return undefined;
  }
}
