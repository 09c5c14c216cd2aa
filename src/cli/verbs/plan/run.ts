import type { FleetPlan } from "../../../api/contract/contract.ts";
import { ProblemError } from "../../../kernel/problem.ts";
import { EXIT, type Exit, exitOf } from "../../exit.ts";
import { filesOf, type ReadFleet, readFleet } from "../../fleet/fleet.ts";
import { isInstalled } from "../../fleet/fleet-choice.ts";
import { remediesFor } from "../../fleet/fleet-in-remedies.ts";
import { firstPlan } from "../../operations/first-plan.ts";
import type { CliContext } from "../../port.ts";
import { differs, renderPlan } from "../../render/plan.ts";
import { connect } from "../../server/connect.ts";
import { toProblems } from "../../server/wire.ts";
import type { Invocation, Outcome } from "../../terminal/outcome.ts";

export interface PlanOptions {
  readonly exitCode?: boolean;
}

export async function plan(call: Invocation<PlanOptions>): Promise<Outcome<"plan">> {
  const { context, options, say } = call;
  const read = await readFleet(context, await filesOf(call, call.words[0]));
  const firstTime = !isInstalled(await context.ports.installations(), read.loaded.fleet.name);
  const planned = firstTime ? planOnNothing(context, read) : await planOnServer(context, read);
  const changes = planned.stacks.some(differs);
  const fleet = planned.findings.length === 0 ? undefined : await say.fleet?.();
  return {
    exit: exitOfPlan(planned, { told: options.exitCode === true, changes }),
    text: renderPlan({ ...planned, findings: remediesFor(fleet, planned.findings) }, say.colours, say.columns),
    data: { plan: planned, firstTime, changes },
  };
}

function planOnNothing(context: CliContext, read: ReadFleet): FleetPlan {
  const planned = firstPlan(read.loaded, context.now(), read.warnings);
  if (!planned.ok) throw new ProblemError(planned.problems);
  return planned.value;
}

async function planOnServer(context: CliContext, { loaded, files }: ReadFleet): Promise<FleetPlan> {
  const { client } = await connect(context, { fleet: loaded.fleet.name, shown: files.shown });
  return await client.plan(files.files);
}

/** A question that nobody has answered refuses the apply; who asks for the exit code is told, as of an error. */
export function exitOfPlan(planned: FleetPlan, { told, changes }: { readonly told: boolean; readonly changes: boolean }): Exit {
  const asked = told ? (planned.questions ?? []) : [];
  const stopping = exitOf(toProblems([...planned.stacks.flatMap((stack) => stack.unknown), ...planned.findings, ...asked]));
  if (stopping !== EXIT.done) return stopping;
  return told && changes ? EXIT.changes : EXIT.done;
}
