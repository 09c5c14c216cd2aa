import type { FleetPlan, PlannedChange, PlannedStack } from "../api/contract/contract.ts";
import type { Change } from "../domain/plan/change.ts";
import { planStack } from "../domain/plan/plan.ts";
import type { Stack } from "../domain/stack/node.ts";
import type { Engine } from "../engines/engine.ts";
import { type Decision, decide } from "../workflows/converge/decide.ts";
import type { Revision } from "./revisions.ts";

/** What applying a revision would do now: the same plan and the same admission that an operation would meet. */
export async function planRevision(engine: Engine, revision: Revision, now: number): Promise<FleetPlan> {
  const declared = [...revision.stacks.values()];
  const names = new Set(declared.map((stack) => stack.id));
  const undeclared = (await engine.stacks()).filter((id) => !names.has(id) && !id.includes("~"));
  const all: readonly Stack[] = [...declared, ...undeclared.map((id) => ({ id, role: "environment", nodes: [] }) as const)];
  const stacks: PlannedStack[] = [];
  for (const desired of all) {
    const seen = await engine.observe(desired);
    const closing = handsOver(revision, desired.id) ? "hand-over" : "keep-data";
    const plan = planStack(desired, seen, closing);
    const snapshot = revision.snapshot(desired.id, now);
    const decision = decide({ desired, seen, snapshot, now }, { actor: { kind: "person", name: "plan" }, closing });
    stacks.push({
      stack: desired.id,
      role: names.has(desired.id) ? desired.role : "undeclared",
      ...heirOf(revision, desired.id, names),
      changes: plan.changes.map((change) => planned(change, decision)),
      unknown: decision.problems.map((problem) => ({ ...problem })),
    });
  }
  const findings = [...revision.findings(now)];
  return { fleet: revision.fleet, revision: revision.hash, stacks, notes: notesOf(revision), findings };
}

function handsOver({ formerly }: Revision, stack: string): boolean {
  return [...formerly.values()].includes(stack);
}

/** Of a former name: who takes over what it holds. */
function heirOf({ formerly }: Revision, stack: string, declared: ReadonlySet<string>): Pick<PlannedStack, "renamedTo"> {
  const heir = declared.has(stack) ? undefined : [...formerly].find(([, former]) => former === stack)?.[0];
  return heir === undefined ? {} : { renamedTo: heir };
}

function planned(change: Change, decision: Decision): PlannedChange {
  const held = decision.held.find((part) => part.node === change.node);
  const from = change.because.find((reason) => reason.from !== undefined)?.from?.at;
  return {
    node: change.node,
    kind: change.kind,
    verb: change.verb,
    because: change.because.map((reason) => reason.text),
    ...(from === undefined ? {} : { from }),
    impact: change.impact,
    ...(held === undefined ? {} : { held: { ...(held.until === undefined ? {} : { until: held.until }), because: held.because } }),
  };
}

/** What an operator should know beside the plan. */
function notesOf(revision: Revision): string[] {
  return ["no backups exist yet for this fleet", ...revision.warnings.map((warning) => `${warning.at} ${warning.code} ${warning.message}`)];
}
