import { filesOf, readFleet } from "../../fleet/fleet.ts";
import { concludeApply } from "../../operations/conclude-apply.ts";
import { actorOf, operateConfirmed, operationId, showProblems } from "../../operations/operate.ts";
import { answersOf, overrideOf } from "../../operations/override.ts";
import { presentServer } from "../../server/control-plane-process.ts";
import type { Invocation, Outcome } from "../../terminal/outcome.ts";

export interface ApplyOptions {
  readonly now?: boolean;
  readonly reason?: string;
  readonly id?: string;
  readonly recreate?: readonly string[];
  readonly adopt?: readonly string[];
  readonly confirm?: string;
  readonly new?: readonly string[];
}

export async function apply(call: Invocation<ApplyOptions>): Promise<Outcome<"apply">> {
  const { context, options } = call;
  const override = overrideOf("apply", options);
  const adopt = options.adopt === undefined ? {} : { adopt: [...options.adopt] };
  const recreate = options.recreate === undefined ? {} : { recreate: [...options.recreate] };
  const { loaded, files, warnings } = await readFleet(context, await filesOf(call, call.words[0]));
  await showProblems(call, warnings);
  const { client } = await presentServer(call, { fleet: loaded.fleet.name, shown: files.shown });
  const id = options.id ?? operationId(context);
  const answers = answersOf(options);
  const request = {
    verb: "apply" as const,
    id,
    actor: actorOf(context),
    files: [...files.files],
    ...override,
    ...recreate,
    ...adopt,
    ...answers,
  };
  const operation = await operateConfirmed(call, client, request);
  return await concludeApply(call, operation, warnings);
}
