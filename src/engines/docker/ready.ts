import type { NodeId } from "../../domain/stack/node.ts";
import { failure } from "../../kernel/problem.ts";
import { orAbsent } from "./call.ts";
import { lastWords } from "./containers.ts";
import { objectName } from "./labels.ts";
import type { Scope } from "./scope.ts";

const PAUSE_MS = 40;

/** Asks until the answer is yes. A process that ended is said at once, with its own last words, instead of waiting for the time to run out. */
export async function waitUntilReady(
  scope: Scope,
  wait: { node: NodeId; seconds: number; what: string; signal: AbortSignal },
  ready: () => Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + wait.seconds * 1000;
  for (let round = 1; !(await ready()); round++) {
    wait.signal.throwIfAborted();
    if (round % 10 === 0) await assertAlive(scope, wait.node);
    if (performance.now() > deadline) {
      const words = await lastWords(scope, wait.node, 5);
      throw failure("BAL-E005", wait.node, `${wait.what} within ${wait.seconds} s did not happen; its last words: ${words || "none"}`);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

async function assertAlive(scope: Scope, node: NodeId): Promise<void> {
  const found = await orAbsent(node, () => scope.docker.getContainer(objectName(scope.owner, node)).inspect());
  if (found?.State.Running || found?.State.Restarting) return;
  const words = await lastWords(scope, node, 8);
  const how = found?.State.OOMKilled
    ? "was killed for using more memory than it may"
    : `ended with code ${found?.State.ExitCode ?? "unknown"}`;
  throw failure("BAL-E005", node, `${how}; its last words: ${words || "none"}`);
}

/** One HTTP question with a short limit, posted as JSON when it has a body; undefined when nobody answers. */
export async function ask(url: string, body?: string, seconds = 5): Promise<number | undefined> {
  const posted = body === undefined ? {} : { method: "POST", body, headers: { "content-type": "application/json" } };
  try {
    const response = await fetch(url, { ...posted, redirect: "manual", signal: AbortSignal.timeout(seconds * 1000) });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return undefined;
  }
}
