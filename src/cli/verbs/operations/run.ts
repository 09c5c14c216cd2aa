import type { OperationEventShape } from "../../../api/contract/contract.ts";
import { failure } from "../../../kernel/problem.ts";
import { EXIT } from "../../exit.ts";
import { nameOfFleet } from "../../fleet/fleet.ts";
import { exitOfState } from "../../operations/applying.ts";
import { stayWith } from "../../operations/operate.ts";
import { renderOperation, renderOperations } from "../../render/operation.ts";
import type { Client } from "../../server/client.ts";
import { connect } from "../../server/connect.ts";
import { follow } from "../../server/follow.ts";
import { wholeNumber } from "../../terminal/numbers.ts";
import type { Invocation, Outcome } from "../../terminal/outcome.ts";

export interface OperationsOptions {
  readonly limit: string;
  readonly follow?: boolean;
}

/** How long a running operation is listened to before it is shown: what it told so far comes at once. */
const LISTEN_MS = 500;

export async function operations(call: Invocation<OperationsOptions>): Promise<Outcome<"operations">> {
  const { context, options, say, words } = call;
  const [id] = words;
  const limit = wholeNumber("--limit", options.limit, { least: 1, most: 500 });
  if (id === undefined && options.follow === true) throw failure("BAL-C001", "operations", "--follow wants the ID of an operation");
  const { client, zone } = await connect(context, await nameOfFleet(call, undefined));
  const how = { zone, aligned: say.aligned, now: context.now() };
  if (id === undefined) {
    const items = await client.operations(limit);
    return { exit: EXIT.done, text: renderOperations(items, how), data: { items: [...items] } };
  }
  await client.operation(id);
  if (options.follow === true) await stayWith(call, client, id, context.catchInterrupt());
  const { parts, ...operation } = await client.operation(id);
  const events = options.follow === true ? [] : await eventsSoFar(client, id);
  const exit = options.follow === true ? exitOfState(operation.state, []) : EXIT.done;
  const shown = { operation, parts: [...parts], events };
  return { exit, text: renderOperation(shown, how), data: shown };
}

async function eventsSoFar(client: Client, id: string): Promise<OperationEventShape[]> {
  const events: OperationEventShape[] = [];
  const enough = AbortSignal.timeout(LISTEN_MS);
  try {
    for await (const told of follow(client, id, enough)) if (told.kind === "event") events.push(told.event);
  } catch (error) {
    if (!enough.aborted) throw error;
  }
  return events;
}
