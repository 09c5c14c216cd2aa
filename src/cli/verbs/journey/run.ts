import { JourneyResultShape } from "../../../api/contract/results.ts";
import { failure } from "../../../kernel/problem.ts";
import { nameOfFleet } from "../../fleet/fleet.ts";
import { readWords } from "../../fleet/fleet-choice.ts";
import { exitOfState, without } from "../../operations/applying.ts";
import { actorOf, operate, operationId, showProblems } from "../../operations/operate.ts";
import { renderJourney } from "../../render/operation.ts";
import { connect } from "../../server/connect.ts";
import { toProblems } from "../../server/wire.ts";
import type { Invocation, Outcome } from "../../terminal/outcome.ts";

export async function journey(call: Invocation): Promise<Outcome<"journey">> {
  const { context, say, words } = call;
  const { folder, address } = readWords(words, context.cwd);
  if (address === undefined)
    throw failure("BAL-C001", "journey", "the address of an environment is needed", { hint: "such as acme/production" });
  const { client } = await connect(context, await nameOfFleet(call, folder));
  const request = { verb: "journey", id: operationId(context), actor: actorOf(context), stack: address } as const;
  const operation = await operate(call, client, request);
  const parsed = JourneyResultShape.safeParse(operation.result);
  const problems = parsed.success ? toProblems(parsed.data.problems) : [without(operation)];
  await showProblems(call, problems);
  return {
    exit: exitOfState(operation.state, problems),
    text: parsed.success ? renderJourney(address, parsed.data, say.colours) : "",
    data: { operation, ...(parsed.success ? { result: parsed.data } : {}), problems: [...problems] },
  };
}
