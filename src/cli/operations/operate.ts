import { userInfo } from "node:os";
import type { OperationShape, StartOperation } from "../../api/contract/contract.ts";
import { failure, type Problem, ProblemError } from "../../kernel/problem.ts";
import { remediesFor } from "../fleet/fleet-in-remedies.ts";
import type { CliContext } from "../port.ts";
import { renderProblems } from "../render/problems.ts";
import type { Client } from "../server/client.ts";
import { follow } from "../server/follow.ts";
import { answerOr, canAsk, typeName } from "../terminal/ask.ts";
import type { Invocation } from "../terminal/outcome.ts";
import { progressOn } from "../terminal/progress.ts";
import { lasting } from "../terminal/style.ts";

type Call = Pick<Invocation, "context" | "say">;

/** Sorts by time, and two people at one moment still get two. */
export function operationId(context: Pick<CliContext, "now" | "random">): string {
  return `op-${context.now().toString(36)}-${context.random()}`;
}

/** Who the ledger says it was. */
export function actorOf(context: CliContext): string {
  const named = context.env["BALLAST_ACTOR"] ?? context.env["SUDO_USER"];
  if (named !== undefined && named !== "") return named;
  try {
    return userInfo().username;
  } catch {
    return "an unknown user of this machine";
  }
}

/** Starts an operation, or joins the one that does the same already, and stays with it to its end. Ctrl-C leaves the operation to itself and says how to find it again. */
export async function operate(call: Call, client: Client, request: StartOperation): Promise<OperationShape> {
  const signal = call.context.catchInterrupt();
  const started = await client.start(request);
  if (!call.say.json && started.id !== request.id)
    call.say.note(`the same work runs already: ${started.id} by ${started.actor}; joined it`);
  // What is refused is not written down: an id is said once it leads somewhere.
  else if (!call.say.json && request.verb === "apply") call.say.note(`operation ${started.id}`);
  return await stayWith(call, client, started.id, signal);
}

/** What the control plane wants a name for: the fleet's, or that of data which changes its owner. */
const WANTS_NAME = new Set(["BAL-A041", "BAL-A043", "BAL-A054", "BAL-A060"]);

/** As `operate`; where the control plane wants a name, or a reason too, whoever sits in front of it is asked, with what it says of that. */
export async function operateConfirmed(
  call: Call,
  client: Client,
  request: Extract<StartOperation, { verb: "apply" | "stop" }>,
): Promise<OperationShape> {
  try {
    return await operate(call, client, request);
  } catch (error) {
    const asked = error instanceof ProblemError ? error.problems : [];
    const answerable = asked.length > 0 && asked.every((one) => WANTS_NAME.has(one.code)) && canAsk(call.context);
    if (!answerable || request.confirmed !== undefined) throw error;
    await showProblems(call, asked);
    const names: string[] = [];
    for (const name of new Set(asked.map((one) => one.at))) names.push(await typeName(call.context, name, undefined, "to go on"));
    const confirmed = names.join(",");
    const more = request.verb === "stop" && request.reason === undefined ? { reason: await answerOr(call.context, "Why?", "") } : {};
    return await operate(call, client, { ...request, confirmed, ...more });
  }
}

export async function stayWith(call: Call, client: Client, id: string, signal: AbortSignal): Promise<OperationShape> {
  const { context, say } = call;
  const progress = progressOn(context, say.progressColours, say.plain);
  try {
    for await (const told of follow(client, id, signal)) {
      if (told.kind === "ended") return told.operation;
      if (told.kind === "away") {
        progress.note(`the control plane does not answer; it is waited for ${lasting(told.patienceMs)}`);
        continue;
      }
      progress.tell(told.event);
      if (say.json) say.line("", { line: "event", event: told.event });
    }
  } catch (error) {
    if (signal.aborted)
      throw failure("BAL-C014", id, "detached; the operation is still running", { hint: `./ballast operations ${id}`, cause: error });
    throw error;
  } finally {
    progress.stop();
  }
  throw failure("BAL-C008", id, "the control plane ended the stream without saying how the operation ended");
}

/** Shows why something was not done; with `--json` they are part of the answer. */
export async function showProblems({ say }: Call, problems: readonly Problem[]): Promise<void> {
  if (problems.length > 0 && !say.json) say.note(renderProblems(remediesFor(await say.fleet?.(), problems), say.progressColours));
}
