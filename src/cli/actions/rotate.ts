import { failure } from "../../kernel/problem.ts";
import { concludeApply } from "../conclude-apply.ts";
import { ensureServer, presentServer } from "../control-plane-process.ts";
import { type NamedFleet, nameOfFleet } from "../fleet.ts";
import { readWords } from "../fleet-choice.ts";
import { actorOf, operate, operationId } from "../operate.ts";
import type { Invocation, Outcome } from "../outcome.ts";
import { overrideOf } from "../override.ts";

export interface RotateOptions {
  readonly only?: readonly string[];
  readonly now?: boolean;
  readonly reason?: string;
  readonly lostKey?: boolean;
}

export async function rotate(call: Invocation<RotateOptions>): Promise<Outcome<"rotate">> {
  const { context, options, words } = call;
  const override = overrideOf("rotate", options);
  const { folder, address } = readWords(words, context.cwd);
  const named = await nameOfFleet(call, folder);
  const { client } = await serverFor(call, named);
  const operation = await operate(call, client, {
    verb: "rotate",
    id: operationId(context),
    actor: actorOf(context),
    ...(address === undefined ? {} : { stack: address }),
    ...(options.only === undefined ? {} : { only: [...options.only] }),
    ...override,
  });
  return concludeApply(call, operation);
}

/** A control plane without its key does not start: it is started so that it gives up what nobody can open any more. */
async function serverFor(call: Invocation<RotateOptions>, named: NamedFleet) {
  if (call.options.lostKey !== true) return await presentServer(call, named);
  if (call.options.now !== true)
    throw failure("BAL-C002", "rotate", "--lost-key makes every secret anew, which restarts everything", {
      hint: "--lost-key --now --reason TEXT",
    });
  return await ensureServer(call, named, { giveUpLost: true });
}
