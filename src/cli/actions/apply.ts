import { failure } from "../../kernel/problem.ts";
import { appliedWork } from "../applying.ts";
import { presentServer } from "../control-plane-process.ts";
import { filesOf, readFleet } from "../fleet.ts";
import { actorOf, operate, operationId, showProblems } from "../operate.ts";
import type { Invocation, Outcome } from "../outcome.ts";
import { renderApply } from "../render/operation.ts";

export interface ApplyOptions {
  readonly now?: boolean;
  readonly reason?: string;
  readonly id?: string;
}

export async function apply(call: Invocation<ApplyOptions>): Promise<Outcome<"apply">> {
  const { context, options, say } = call;
  const override = overrideOf(options);
  const { loaded, files } = await readFleet(context, await filesOf(call, call.words[0]));
  const { client } = await presentServer(call, { fleet: loaded.fleet.name, shown: files.shown });
  const id = options.id ?? operationId(context);
  if (!say.json) say.note(`operation ${id}`);
  const operation = await operate(call, client, { verb: "apply", id, actor: actorOf(context), files: [...files.files], ...override });
  const { exit, result, problems } = appliedWork(operation);
  showProblems(call, problems);
  return {
    exit,
    text: result === undefined ? "" : renderApply(result, say.colours),
    data: { operation, ...(result === undefined ? {} : { result }), problems: [...problems] },
  };
}

function overrideOf({ now, reason }: ApplyOptions): { override?: { reason: string } } {
  if (now !== true && reason === undefined) return {};
  if (now !== true) throw failure("BAL-C001", "apply", "--reason goes with --now", { hint: "add --now, or leave --reason out" });
  if (reason === undefined || reason.trim() === "")
    throw failure("BAL-C002", "apply", "--now wants a reason, which is recorded", { hint: "--now --reason TEXT" });
  return { override: { reason } };
}
