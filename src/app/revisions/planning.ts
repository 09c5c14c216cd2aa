import type { FleetPlan, PlannedChange, PlannedStack } from "../../api/contract/contract.ts";
import type { Change } from "../../domain/plan/change.ts";
import { planStack } from "../../domain/plan/plan.ts";
import { driftOf } from "../../domain/stack/drift.ts";
import { KINDS } from "../../domain/stack/kinds/facts.ts";
import { NO_DOWNTIME } from "../../domain/stack/kinds/kind.ts";
import { type Stack, stackOf } from "../../domain/stack/node.ts";
import type { Observation } from "../../domain/stack/observation.ts";
import type { Engine } from "../../engines/engine.ts";
import { survey } from "../../engines/survey.ts";
import { type Decision, decide } from "../../workflows/converge/decide.ts";
import { lookAtFormer } from "../../workflows/converge/former.ts";
import type { Closing } from "./closing.ts";
import { type RenameFindings, renameFindings } from "./renames.ts";
import type { Revision } from "./revisions.ts";

export interface PlanningParts {
  readonly engine: Engine;
  /** What would be closed, and by which calendars, if the revision came into force now. */
  readonly closing: Closing;
  /** Environments that are not new, though nobody used or declared them until now. */
  readonly returns?: ReadonlyMap<string, NonNullable<PlannedStack["returns"]>>;
  readonly now: number;
}

/** What applying a revision would do now: the same plan and the same admission that an operation would meet. */
export async function planRevision({ engine, closing, returns, now }: PlanningParts, revision: Revision): Promise<FleetPlan> {
  const names = new Set(revision.stacks.keys());
  const undeclared = (await engine.stacks()).filter((id) => !names.has(id) && !id.includes("~"));
  const nothing = undeclared.map((id): Stack => ({ id, role: "environment", nodes: [] }));
  const snapshot: Revision["snapshot"] = (stack) => revision.snapshotWith(closing, stack, now);
  const all = [...revision.stacks.values(), ...nothing];
  // All at once: stack by stack, each would ask every server again.
  const observations = await survey(engine, all);
  const renames = await renameFindings(engine, revision);
  const stacks: PlannedStack[] = [];
  for (const [index, desired] of all.entries()) {
    const seen = observations[index] as Observation;
    const heir = names.has(desired.id) ? undefined : heirOf(revision, desired.id);
    const asked = { actor: { kind: "person", name: "plan" }, closing: heir === undefined ? "keep-data" : "hand-over" } as const;
    const former = await lookAtFormer(engine, { ...revision, snapshot }, { stack: desired.id, now });
    const waits = former === undefined || former.mayClose ? {} : { former };
    const decision = decide({ desired, seen, snapshot: await snapshot(desired.id, now), now, ...waits }, asked);
    const { changes } = planStack(desired, seen, asked.closing);
    const back = returns?.get(desired.id);
    stacks.push({
      stack: desired.id,
      role: names.has(desired.id) ? desired.role : "undeclared",
      ...(heir === undefined ? {} : { renamedTo: heir }),
      ...(desired.suspended === true ? { suspended: true } : {}),
      ...(back === undefined ? {} : { returns: back }),
      changes: handedOver(changes, heir, decision).map((change) => planned(change, decision)),
      unknown: [
        ...[...decision.problems, ...decision.lost].map((problem) => ({ ...problem })),
        ...unseen(desired, seen),
        ...problemsOf(desired, renames),
        ...otherThanMade(desired, seen),
      ],
    });
  }
  const findings = [...revision.findings(now)];
  return { fleet: revision.fleet, revision: revision.hash, stacks, notes: [...renames.notes, ...notesOf(revision)], findings };
}

/** Data that is not what was made is left as it is, and told. */
function otherThanMade(desired: Stack, seen: Observation): PlannedStack["unknown"] {
  const foreign = driftOf(desired, seen).filter((one) => one.kind === "foreign" && isData(desired, one.node));
  const hint = `where that is meant, accept it: ballast apply FOLDER --adopt ${desired.id}, which also tells it its address and Ballast's key`;
  return foreign.map(({ node, says }) => ({
    code: "BAL-W028",
    severity: "warning",
    at: node,
    message: `is not what was made: ${says}`,
    hint,
  }));
}

function isData({ nodes }: Stack, id: string): boolean {
  const kind = nodes.find((node) => node.id === id)?.kind;
  return kind !== undefined && KINDS[kind].holdsData;
}

/** What keeps a stack from taking over what it held under its former name; what is lost is said once. */
function problemsOf({ id }: Stack, { problems }: RenameFindings): PlannedStack["unknown"] {
  return problems.filter(({ at, code }) => stackOf(at) === id && code !== "BAL-W026").map((problem) => ({ ...problem }));
}

/** Something of a stack that nobody declares was there a moment ago: a look that shows nothing of it did not succeed. */
function unseen(desired: Stack, seen: Observation): PlannedStack["unknown"] {
  if (desired.nodes.length > 0 || seen.nodes.size > 0) return [];
  return [{ code: "BAL-W003", severity: "error", at: desired.id, message: "what is there of it could not be seen" }];
}

/** Of a former name: who takes over what it holds. */
function heirOf({ formerly }: Revision, stack: string): string | undefined {
  return [...formerly].find(([, former]) => former === stack)?.[0];
}

/**
 * What is left of a former name goes once the new one has taken it over: a secret whose value lives on is removed, data is not.
 * What waits hands nothing over yet.
 */
function handedOver(changes: readonly Change[], heir: string | undefined, { verdict }: Decision): readonly Change[] {
  if (heir === undefined || verdict === "hold") return changes;
  const because = [{ text: `${heir} has its value` }];
  return changes.map((change) =>
    change.verb !== "keep" || KINDS[change.kind].holdsData
      ? change
      : { ...change, verb: "remove", because, impact: { ...NO_DOWNTIME, says: "removed" } },
  );
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
    ...(change.missing === undefined ? {} : { missing: change.missing }),
    ...(held === undefined ? {} : { held: { ...(held.until === undefined ? {} : { until: held.until }), because: held.because } }),
  };
}

/** What an operator should know beside the plan. */
function notesOf(revision: Revision): string[] {
  return ["no backups exist yet for this fleet", ...revision.warnings.map((warning) => `${warning.at} ${warning.code} ${warning.message}`)];
}
