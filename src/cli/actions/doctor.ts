import { EXIT } from "../exit.ts";
import { needsOf } from "../first-plan.ts";
import { filesOf, readFleet } from "../fleet.ts";
import { holdsFleet } from "../fleet-files.ts";
import type { Invocation, Outcome } from "../outcome.ts";
import type { MachineNeeds } from "../port.ts";
import { isWell, prepareMachine } from "../prepare-machine.ts";
import { renderFindings } from "../render/doctor.ts";

export interface DoctorOptions {
  readonly install?: boolean;
  readonly yes?: boolean;
}

export async function doctor(call: Invocation<DoctorOptions>): Promise<Outcome<"doctor">> {
  const { context, options, say } = call;
  const needs = await wantedOf(call);
  const findings =
    options.install === true
      ? await prepareMachine(call, needs, options.yes === true)
      : await (await context.ports.machine()).examine(needs);
  const well = isWell(findings);
  const verdict = well ? "this machine can run it" : "this machine cannot run it yet";
  return {
    exit: well ? EXIT.done : EXIT.no,
    text: `${renderFindings(findings, say.colours)}\n${verdict}`,
    data: { findings: [...findings] },
  };
}

/** Of the fleet that is named, else of the smallest one: a machine is asked about before there is a fleet. */
async function wantedOf(call: Invocation<DoctorOptions>): Promise<MachineNeeds> {
  const { context, options, words } = call;
  const named = words[0] !== undefined || options.fleet !== undefined || (context.env["BALLAST_FLEET"] ?? "") !== "";
  if (!named && !holdsFleet(context.cwd)) return needsOf();
  return needsOf((await readFleet(context, await filesOf(call, words[0]))).loaded);
}
