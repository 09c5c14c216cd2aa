import { EXIT } from "../../exit.ts";
import { filesOf, readFleet } from "../../fleet/fleet.ts";
import { holdsFleet } from "../../fleet/fleet-files.ts";
import { needsOf } from "../../operations/first-plan.ts";
import { isWell, prepareMachine } from "../../operations/prepare-machine.ts";
import type { DoctorFinding, MachineNeeds } from "../../port.ts";
import { renderFindings } from "../../render/doctor.ts";
import { agree } from "../../terminal/ask.ts";
import type { Invocation, Outcome } from "../../terminal/outcome.ts";
import { counted } from "../../terminal/style.ts";

export interface DoctorOptions {
  readonly install?: boolean;
  readonly prune?: boolean;
  readonly yes?: boolean;
}

const MIB = 1024 ** 2;

export async function doctor(call: Invocation<DoctorOptions>): Promise<Outcome<"doctor">> {
  const { context, options, say } = call;
  if (options.prune === true) return await pruneImages(call);
  const needs = await wantedOf(call);
  const machine = await context.ports.machine();
  const needed = options.install === true ? await prepareMachine(call, needs, options.yes === true) : await machine.examine(needs);
  const findings = [...needed, ...(await machine.page())];
  const well = isWell(findings);
  return {
    exit: well ? EXIT.done : EXIT.no,
    text: `${renderFindings(findings, say.colours)}\n${verdictOn(findings)}`,
    data: { findings: [...findings] },
  };
}

/** Of what only root can do here, another user hears nothing about the machine. */
function verdictOn(findings: readonly DoctorFinding[]): string {
  if (isWell(findings)) return "this machine can run it";
  const user = findings.find((finding) => finding.id === "user");
  return user === undefined || user.state === "ok"
    ? "this machine cannot run it yet"
    : "this user cannot run it; whether the machine can is told to root: sudo ./ballast doctor";
}

async function pruneImages(call: Invocation<DoctorOptions>): Promise<Outcome<"doctor">> {
  const { context, options, say } = call;
  const machine = await context.ports.machine();
  const images = await machine.superseded();
  if (images.length === 0) return { exit: EXIT.done, text: "no image is known to be superseded", data: { findings: [], removed: [] } };
  if (!say.json) for (const { name, bytes } of images) say.note(`  ${name}  ${Math.round(bytes / MIB)} MiB`);
  const agreed = await agree(context, `Remove ${counted(images.length, "image")} that nobody uses any more?`, options.yes === true);
  const gone = agreed ? await machine.prune(images.map(({ id }) => id)) : [];
  const kept = gone.length < images.length ? `; ${images.length - gone.length} kept` : "";
  return {
    exit: EXIT.done,
    text: `${counted(gone.length, "image")} removed${kept}`,
    data: { findings: [], removed: gone.map(({ name }) => name) },
  };
}

/** Of the fleet that is named, else of the smallest one: a machine is asked about before there is a fleet. */
async function wantedOf(call: Invocation<DoctorOptions>): Promise<MachineNeeds> {
  const { context, options, words } = call;
  const named = words[0] !== undefined || options.fleet !== undefined || (context.env["BALLAST_FLEET"] ?? "") !== "";
  if (!named && !holdsFleet(context.cwd)) return needsOf();
  return needsOf((await readFleet(context, await filesOf(call, words[0]))).loaded);
}
