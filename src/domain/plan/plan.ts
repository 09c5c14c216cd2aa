import { compareNodes, type FieldChange } from "../stack/compare.ts";
import { describeEdit } from "../stack/drift.ts";
import { KINDS } from "../stack/kinds/facts.ts";
import { downtimeAbout, type Impact, NO_DOWNTIME } from "../stack/kinds/kind.ts";
import { type AnyNode, type EdgePurpose, type NodeId, type Stack, specHash } from "../stack/node.ts";
import type { Observation, ObservedNode, Seen } from "../stack/observation.ts";
import { startWaves } from "../stack/order.ts";
import type { Change, Closing, Obstacle, Reason, StackPlan, Verb } from "./change.ts";
import { losses, withoutHiding } from "./lost.ts";
import { removals } from "./removals.ts";
import { closingNobody } from "./serving.ts";

/**
 * The ordered differences between what is wanted and what was seen, each with its reason and its impact.
 * Laws, held by property tests: nothing differs → empty; applying it and planning again → empty; unknown is never changed; lost is never recreated.
 * @param closing what to do with objects that the stack no longer declares: `keep-data` stops what runs and keeps what holds data, `remove-all` removes everything,
 * `hand-over` takes away what stands round the data, so that a stack of another name can take it over.
 */
export function planStack(desired: Stack, seen: Observation, closing: Closing = "keep-data"): StackPlan {
  const wanted = new Map(desired.nodes.map((node) => [node.id, node]));
  const changes: Change[] = [];
  const obstacles: Obstacle[] = [];
  // Where anything of the stack is there, what is not is missing from something that people have, and not new with it.
  const isHere = desired.nodes.some((node) => seen.nodes.get(node.id)?.state === "present");
  for (const node of inStartOrder(desired.nodes)) {
    const verdict = judgeWanted(node, seen.nodes.get(node.id), isHere);
    if (verdict === undefined) continue;
    if ("verb" in verdict) changes.push(verdict);
    else obstacles.push(verdict);
  }
  const following = followers(desired, seen, changes);
  const followed = new Set(following.map((one) => one.node));
  changes.splice(0, changes.length, ...changes.filter((one) => !followed.has(one.node)), ...following);
  const lost = losses(desired, seen);
  obstacles.push(...lost);
  const leftovers = [...seen.nodes].filter(([id]) => !wanted.has(id));
  for (const [id, observation] of leftovers) {
    if (observation.state === "unknown") obstacles.push({ node: id, kind: "unknown", because: observation.because });
  }
  const gone = leftovers.flatMap(([, observation]) => (observation.state === "present" ? [observation.value] : []));
  const lostLeftovers = leftovers.flatMap(([, observation]) => (observation.state === "lost" ? [observation.declared] : []));
  changes.push(...removals([...gone, ...forgotten(leftovers, closing)], closing, { desired, changes, lost: lostLeftovers }));
  return { stack: desired.id, changes: withOrder(withoutHiding(desired, closingNobody(desired, seen, changes), lost)), obstacles };
}

/** Whoever deletes everything deletes what is lost as well: what is left of it, and that it is missed. */
function forgotten(leftovers: readonly (readonly [NodeId, Seen<ObservedNode>])[], closing: Closing): readonly ObservedNode[] {
  if (closing !== "remove-all") return [];
  return leftovers.flatMap(([, observation]) =>
    observation.state === "lost" ? [{ declared: observation.declared, hash: "", condition: "stopped" as const, facts: {} }] : [],
  );
}

function inStartOrder(nodes: readonly AnyNode[]): readonly AnyNode[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return startWaves(nodes)
    .flat()
    .map((id) => byId.get(id) as AnyNode);
}

/** @param isHere whether anything of its stack is there. */
function judgeWanted(node: AnyNode, observation: Seen<ObservedNode> | undefined, isHere: boolean): Change | Obstacle | undefined {
  if (observation?.state === "unknown") return { node: node.id, kind: "unknown", because: observation.because };
  if (observation?.state === "lost") return undefined;
  if (observation === undefined || observation.state === "absent") {
    const because = [{ text: isHere ? "not there" : "new", ...fromOf(node) }];
    const made = change(node, "create", { because, impact: creationImpact(node) });
    return isHere ? { ...made, missing: true } : made;
  }
  return judgePresent(node, observation.value);
}

function judgePresent(node: AnyNode, observed: ObservedNode): Change | Obstacle | undefined {
  if (observed.blocked !== undefined) return { node: node.id, kind: "refused", because: observed.blocked };
  if (observed.hash !== specHash(node)) return judgeDifference(node, observed);
  const edited = judgeEdits(node, observed);
  if (edited !== undefined) return edited;
  if (observed.condition === "serving") return undefined;
  const why = observed.because === undefined ? "" : `: ${observed.because}`;
  const start = change(node, "start", { because: [{ text: `${observed.condition}${why}` }], impact: NO_DOWNTIME }, observed);
  return observed.hangs === true ? { ...start, restarts: true } : start;
}

/** What somebody changed by hand is put back: while it runs where that can be, else by recreating the object. */
function judgeEdits(node: AnyNode, observed: ObservedNode): Change | undefined {
  const edits = (observed.edits ?? []).filter((edit) => edit.repair !== "report");
  if (edits.length === 0) return undefined;
  const because = [{ text: `changed by hand: ${edits.map(describeEdit).join(", ")}` }];
  const live = edits.every((edit) => edit.repair === "live") && observed.condition === "serving";
  if (live) return { ...change(node, "update", { because, impact: NO_DOWNTIME }, observed), inPlace: true };
  const cost = KINDS[node.kind].updateImpact([], []);
  const impact = observed.condition === "serving" ? cost : { ...NO_DOWNTIME, says: `${observed.condition} anyway` };
  return change(node, "update", { because, impact }, observed);
}

function creationImpact(node: AnyNode): Impact {
  return { ...NO_DOWNTIME, says: `about ${KINDS[node.kind].usualSeconds} s` };
}

function judgeDifference(node: AnyNode, observed: ObservedNode): Change | Obstacle {
  const facts = KINDS[node.kind];
  const fields = compareNodes(observed.declared, node);
  const moved = movedUse(observed, node);
  if (moved !== undefined) {
    return {
      node: node.id,
      kind: "refused",
      because: `${moved}: the data of a ${facts.title} does not move by itself, and this version cannot move it`,
    };
  }
  const refusedFields = fields.filter((field) => facts.fixed[topOf(field)] === "refuse");
  if (refusedFields.length > 0) {
    const names = refusedFields.map((field) => `${field.field} ${show(field.before)} → ${show(field.after)}`).join(", ");
    return { node: node.id, kind: "refused", because: `${names}: cannot change on a ${facts.title} that holds data` };
  }
  const foreign = (observed.edits ?? []).filter((edit) => edit.repair === "report");
  const moves = fields.find((field) => field.field === "baseUrl");
  // The address in what somebody else made says whose it is: it is not written over.
  if (moves !== undefined && foreign.length > 0) {
    const because = `${describe([moves])}: what is there is not what was made (${foreign.map(describeEdit).join(", ")}); adopt it first, by --adopt`;
    return { node: node.id, kind: "refused", because };
  }
  const because: Reason[] = [{ text: describe(fields), fields, ...fromOf(node) }];
  const remake = fields.some((field) => facts.fixed[topOf(field)] === "remake");
  const cost = remake
    ? downtimeAbout(Math.ceil(facts.usualSeconds) + 5, "recreated")
    : facts.updateImpact(
        fields.map((field) => field.field),
        fields,
      );
  // What does not serve cannot be closed: waiting for a window would only keep it down.
  const impact = observed.condition === "serving" ? cost : { ...NO_DOWNTIME, says: `${observed.condition} anyway` };
  return change(node, remake ? "replace" : "update", { because, impact }, observed);
}

/** The first use whose other end may not change and did: a tenant declared in another pool would else begin again, empty. */
function movedUse(observed: ObservedNode, node: AnyNode): string | undefined {
  for (const purpose of KINDS[node.kind].fixedUses ?? []) {
    const before = observed.declared.uses.find((edge) => edge.as === purpose)?.to;
    const after = node.uses.find((edge) => edge.as === purpose)?.to;
    if (before !== after) return `${purpose} ${before ?? "none"} → ${after ?? "none"}`;
  }
  return undefined;
}

/** Who must take notice of a change beside it: everything inside a wall that is rebuilt. Users of a rotated credential differ by themselves. */
function followers(desired: Stack, seen: Observation, changes: readonly Change[]): readonly Change[] {
  const changed = new Map(changes.map((one) => [one.node, one]));
  const result: Change[] = [];
  for (const node of inStartOrder(desired.nodes)) {
    const observation = seen.nodes.get(node.id);
    const own = changed.get(node.id);
    // What is only to be started is made to follow as well: started as it is, it would stand on what is no longer there.
    if (observation?.state !== "present" || (own !== undefined && own.verb !== "start")) continue;
    const cause = node.uses
      .map((edge) => ({ edge, leader: changed.get(edge.to) }))
      .find(({ edge, leader }) => mustFollow(edge.as, leader?.verb));
    if (cause?.leader === undefined) continue;
    const facts = KINDS[node.kind];
    const impact = facts.runs && observation.value.condition === "serving" ? facts.updateImpact([], []) : NO_DOWNTIME;
    const follower = change(
      node,
      "update",
      { because: [{ text: `follows: ${cause.leader.node} ${cause.leader.verb}` }], impact },
      observation.value,
    );
    changed.set(node.id, follower);
    result.push(follower);
  }
  return result;
}

function mustFollow(purpose: EdgePurpose, verb: Verb | undefined): boolean {
  if (purpose === "inside") return verb === "create" || verb === "replace";
  return purpose === "mount" && verb === "replace";
}

function topOf(field: FieldChange): string {
  return field.field.split(".")[0] as string;
}

/** `memoryMiB 2048 → 3072, workers 4 → 6`; the words a person reads for a restart. */
export function describe(fields: readonly FieldChange[]): string {
  if (fields.length === 0) return "adopted, and told what is the stack's own";
  return fields.map((field) => `${field.field} ${show(field.before)} → ${show(field.after)}`).join(", ");
}

function show(value: FieldChange["before"]): string {
  if (value === undefined) return "none";
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : JSON.stringify(value);
}

function fromOf(node: AnyNode): { from?: Reason["from"] & object } {
  const first = node.from[0];
  return first === undefined ? {} : { from: first };
}

function change(node: AnyNode, verb: Verb, why: { because: readonly Reason[]; impact: Impact }, observed?: ObservedNode): Change {
  return {
    node: node.id,
    kind: node.kind,
    verb,
    desired: node,
    ...(observed === undefined ? {} : { observed: observed.declared }),
    ...(KINDS[node.kind].runs && observed?.condition !== "serving" ? { down: true } : {}),
    because: why.because,
    impact: why.impact,
    after: node.uses.map((edge) => edge.to),
  };
}

/** Keeps in `after` only what is part of this plan, so that an engine can follow it without knowing the rest. */
function withOrder(changes: readonly Change[]): readonly Change[] {
  const inPlan = new Set(changes.filter((one) => one.verb !== "keep").map((one) => one.node));
  return changes.map((one) => {
    const fits = fitted(one, changes);
    return { ...one, after: one.after.filter((id) => inPlan.has(id)), ...(fits.length === 0 ? {} : { fits }) };
  });
}

/** The changes of those who use what is updated, where a field changes that is made for them. */
function fitted({ node, kind, because }: Change, changes: readonly Change[]): readonly NodeId[] {
  const fields = because.flatMap((reason) => reason.fields ?? []).map(topOf);
  if (!fields.some((field) => KINDS[kind].fitsUsers?.includes(field))) return [];
  const uses = (other: Change["observed"]) => other?.uses.some((edge) => edge.to === node) === true;
  return changes.filter((other) => uses(other.observed) || uses(other.desired)).map((other) => other.node);
}
