import type { FleetPlan, PlannedStack } from "../../api/contract/contract.ts";
import { type Compiled, compile, compileWhole } from "../../domain/blueprint/compile.ts";
import { type CompileContext, UNBUILT_IMAGE } from "../../domain/blueprint/context.ts";
import type { LoadedFleet } from "../../domain/fleet/model.ts";
import type { Change } from "../../domain/plan/change.ts";
import { planStack } from "../../domain/plan/plan.ts";
import { checkPolicies, type PolicyProblem } from "../../domain/policy/check.ts";
import type { Stack } from "../../domain/stack/node.ts";
import { nothingSeen } from "../../domain/stack/observation.ts";
import type { Instant } from "../../kernel/instant.ts";
import { type Checked, type Problem, passed } from "../../kernel/problem.ts";
import type { MachineNeeds } from "../port.ts";

const INGRESS = { address: "127.0.0.1", port: 8443 };

/** The fleet's stacks before anything was chosen for them; what this version cannot make real is refused here already. */
export function compileUnbuilt(loaded: LoadedFleet): Checked<Compiled> {
  return compile(loaded, unbuilt(loaded));
}

function unbuilt(loaded: LoadedFleet): CompileContext {
  const images = new Proxy<Record<string, string>>({}, { get: () => UNBUILT_IMAGE });
  return { images, ingress: loaded.fleet.ingress.listen ?? INGRESS, certificateGeneration: 0 };
}

export interface Inspected {
  /** What this version cannot make real. */
  readonly limits: readonly Problem[];
  /** What the guardrails found. */
  readonly findings: readonly PolicyProblem[];
}

/** Everything that is to be said of a sound fleet without looking at a machine. */
export function inspect(loaded: LoadedFleet, today: string): Inspected {
  const { compiled, problems } = compileWhole(loaded, unbuilt(loaded));
  return { limits: problems, findings: checkPolicies({ loaded, stacks: compiled.stacks, today }) };
}

/** What a first apply would do, where nothing of the fleet is known to be there: everything is created. */
export function firstPlan(loaded: LoadedFleet, now: Instant, warnings: readonly Problem[] = []): Checked<FleetPlan> {
  const compiled = compileUnbuilt(loaded);
  if (!compiled.ok) return compiled;
  const stacks = [...compiled.value.stacks.values()].map((stack) => plannedStack(stack, now));
  const notes = [
    "nothing runs here yet, so this was planned against nothing; images are built when it is applied",
    "no backups exist yet for this fleet",
    ...[...warnings, ...compiled.warnings].map((warning) => `${warning.at} ${warning.code} ${warning.message}`),
  ];
  const today = new Date(now).toISOString().slice(0, 10);
  const findings = [...checkPolicies({ loaded, stacks: compiled.value.stacks, today })];
  return passed({ fleet: loaded.fleet.name, revision: "", stacks, notes, findings });
}

function plannedStack(stack: Stack, now: Instant): PlannedStack {
  const { changes } = planStack(stack, nothingSeen(stack.id, now));
  return { stack: stack.id, role: stack.role, changes: changes.map(plannedChange), unknown: [] };
}

function plannedChange(change: Change): PlannedStack["changes"][number] {
  const from = change.because.find((reason) => reason.from !== undefined)?.from?.at;
  const { node, kind, verb, impact } = change;
  return { node, kind, verb, because: change.because.map((reason) => reason.text), ...(from === undefined ? {} : { from }), impact };
}

const GIB = 1024 ** 3;
/** The control plane, its PostgreSQL, and what making a template takes. */
const OWN_MEMORY_BYTES = GIB;
/** Images in the making, kept templates, and the first databases. */
const OWN_DISK_BYTES = 12 * GIB;

/** What the machine must have for a fleet, or for any fleet when none is named. */
export function needsOf(loaded?: LoadedFleet): MachineNeeds {
  const compiled = loaded === undefined ? undefined : compileUnbuilt(loaded);
  const stacks = compiled?.ok === true ? [...compiled.value.stacks.values()] : [];
  const mebibytes = stacks
    .flatMap((stack) => stack.nodes)
    .reduce((sum, node) => sum + ("memoryMiB" in node.spec ? node.spec.memoryMiB : 0), 0);
  return {
    images: loaded?.fleet.images.source ?? "packages",
    memoryBytes: OWN_MEMORY_BYTES + mebibytes * 1024 ** 2,
    diskBytes: OWN_DISK_BYTES,
  };
}
