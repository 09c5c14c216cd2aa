import { ApplyResultShape } from "../../../api/contract/results.ts";
import { failure } from "../../../kernel/problem.ts";
import { EXIT } from "../../exit.ts";
import { type NamedFleet, nameOfFleet } from "../../fleet/fleet.ts";
import { readWords } from "../../fleet/fleet-choice.ts";
import { concludeApply } from "../../operations/conclude-apply.ts";
import { actorOf, operate, operationId } from "../../operations/operate.ts";
import { overrideOf } from "../../operations/override.ts";
import type { InstallationPlaces } from "../../port.ts";
import { ensureServer, presentServer } from "../../server/control-plane-process.ts";
import type { Invocation, Outcome } from "../../terminal/outcome.ts";

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
  const { client, places } = await serverFor(call, named);
  const operation = await operate(call, client, {
    verb: "rotate",
    id: operationId(context),
    actor: actorOf(context),
    ...(address === undefined ? {} : { stack: address }),
    ...(options.only === undefined ? {} : { only: [...options.only] }),
    ...override,
  });
  return withOwn(await concludeApply<"rotate">(call, operation), options.only ?? [], places);
}

/** Says what the control plane recreated for itself, which is no change of any stack, and what of it somebody may have a copy of. */
function withOwn(outcome: Outcome<"rotate">, only: readonly string[], { keyFile, tokenFile }: InstallationPlaces): Outcome<"rotate"> {
  const says: Readonly<Record<string, string>> = {
    "api-token": `api-token is recreated: ${tokenFile}; whoever has a copy of the former one is refused`,
    "sealing-key": `sealing-key is recreated: ${keyFile}; a copy of the former one opens nothing any more: copy it again to where you keep it`,
  };
  const own = only.flatMap((name) => says[name] ?? []);
  if (own.length === 0) return outcome;
  const { operation } = outcome.data;
  const changed = ApplyResultShape.safeParse(operation.result).data?.stacks.some((stack) => stack.changed.length > 0) === true;
  const rest = outcome.exit === EXIT.done && !changed ? [] : [outcome.text];
  return { ...outcome, text: [...own, ...rest].filter((text) => text !== "").join("\n") };
}

/** A control plane without its key does not start: it is started so that it gives up what nobody can open any more. */
async function serverFor(call: Invocation<RotateOptions>, named: NamedFleet) {
  if (call.options.lostKey !== true) return await presentServer(call, named);
  if (call.options.now !== true)
    throw failure("BAL-C002", "rotate", "--lost-key recreates every secret, which restarts everything", {
      hint: "--lost-key --now --reason TEXT",
    });
  return await ensureServer(call, named, { giveUpLost: true });
}
