import type { Store } from "../../adapters/store/store.ts";
import type { FleetStatus, StackStatus } from "../../api/contract/contract.ts";
import { withCertificate, withHealth } from "../../domain/health/verdict.ts";
import { lostIn } from "../../domain/stack/data-record.ts";
import { seenInForce } from "../../domain/stack/entry.ts";
import { type NodeId, type NodeKind, nameToType, type Stack, stackOf } from "../../domain/stack/node.ts";
import type { Observation } from "../../domain/stack/observation.ts";
import { healthOf, isStarting, type StackHealth } from "../../domain/stack/status.ts";
import type { Tried } from "../../domain/stack/tries.ts";
import type { Engine, GuardObservation } from "../../engines/engine.ts";
import { survey } from "../../engines/survey.ts";
import { stoppedIn } from "../../workflows/converge/former.ts";
import type { EnvironmentWatch } from "../reconcile/environment-watch.ts";
import { restNote } from "../reconcile/repair-book.ts";
import { certificateFault } from "../reconcile/watch-certificates.ts";
import { egressSeen } from "../reconcile/watch-egress.ts";
import { sharedNotes } from "../reconcile/watch-shared-servers.ts";
import { positionNotes } from "../reconcile/watch-write-positions.ts";
import { besides, servesUntil, whyUndeclared, withFormer } from "../revisions/closing-status.ts";
import type { Revision } from "../revisions/revisions.ts";
import { keptUntil } from "../serve/retention.ts";

export interface StatusParts {
  readonly fleet: string;
  readonly store: Pick<Store, "setting" | "leaseOf" | "desired" | "dataRecords">;
  readonly engine: Engine;
  readonly watch: Pick<EnvironmentWatch, "of">;
  readonly now: () => number;
}

/** Every stack that is declared, and everything of ours that is not, as it is now. */
export async function fleetStatus(parts: StatusParts, revision: Revision | undefined): Promise<FleetStatus> {
  const declared = [...(revision?.stacks.values() ?? [])];
  const names = new Set(declared.map((stack) => stack.id));
  const others = (await parts.engine.stacks()).filter((id) => !names.has(id));
  const desired = await parts.store.desired();
  const ways = await egressSeen(parts.store);
  // All at once, so that what hangs is waited for once.
  const [observations, undeclared] = await Promise.all([
    survey(parts.engine, declared),
    survey(
      parts.engine,
      others.map((id) => ({ id, role: "environment", nodes: [] })),
    ),
  ]);
  const stacks = [
    ...(await Promise.all(
      declared.map(async (stack, index) => ({
        ...(await certified(parts, stack, {
          status: await withFormer(parts.engine, revision, {
            status: await stackStatus(parts, stack, observations[index] as Observation, { desired, revision, stacks: declared }),
            now: parts.now(),
          }),
          stacks: declared,
        })),
        ...(await changing(parts, stack.id)),
        ...triedIn(ways?.memory.tried ?? [], stack.id),
      })),
    )),
    ...(await Promise.all(undeclared.map((seen) => undeclaredStatus(parts, revision, seen)))),
  ];
  const notes =
    revision === undefined
      ? ["nothing was applied yet"]
      : ["no backups exist yet for this fleet", ...unguarded(ways?.walls), ...(await sharedNotes(parts)), ...(await positionNotes(parts))];
  return {
    fleet: parts.fleet,
    asOf: new Date(parts.now()).toISOString(),
    stacks,
    notes,
    applied: revision !== undefined,
    holdsData: await dataIn(parts),
  };
}

/** By the records, and not by what is seen: a server that is stopped says nothing of the databases on it. */
async function dataIn({ store }: Pick<StatusParts, "store">): Promise<FleetStatus["holdsData"]> {
  const { records } = await store.dataRecords();
  return records.map(({ node, kind }) => ({ stack: stackOf(node), node, kind })).sort((a, b) => (a.node < b.node ? -1 : 1));
}

/** A stack that serves, with what is wrong with the certificate of its ingress. */
async function certified(
  parts: StatusParts,
  stack: Stack,
  { status, stacks }: { status: StackStatus; stacks: readonly Stack[] },
): Promise<StackStatus> {
  if (status.state !== "serving") return status;
  const hasIngress = stack.nodes.some((node) => node.kind === "ingress");
  const fault = await certificateFault(parts, stack, stacks);
  const { state, because } = withCertificate({ state: status.state, because: status.because }, fault, hasIngress);
  return { ...status, state, because: [...because] };
}

interface Meant {
  readonly desired: "running" | "stopped";
  readonly revision: Revision | undefined;
  readonly stacks: readonly Stack[];
}

async function stackStatus({ watch, store, now }: StatusParts, stack: Stack, seen: Observation, meant: Meant): Promise<StackStatus> {
  const { drift, ...found } = healthOf(stack, seen, meant.desired);
  const processes = withRest(found, await restNote(store, { stack: stack.id, now: now() }, drift));
  const serves = stack.suspended === true ? await servesUntil(meant.revision, { stack: stack.id, now: now() }, besides(stack, seen)) : "";
  const closed = stack.suspended === true && serves === "";
  const asked = meant.desired === "running" && stack.suspended !== true;
  const starts = isStarting(stack, seen) ? ({ ...processes, starting: true } as const) : processes;
  const { state: health, because } = asked ? withHealth(starts, await watch.of(stack, meant.stacks)) : processes;
  const state = stateOf(health, { closed, stopped: serves === "" ? [] : stoppedIn(besides(stack, seen)) });
  const url = closed ? undefined : urlNow(stack, seen);
  const words = serves === "" ? [...because] : [`suspended${serves}`, ...because];
  return {
    stack: stack.id,
    state,
    because: words,
    drift: drift.map(({ node, kind, says }) => ({ node, kind, says })),
    nodes: nodesOf(seen, (node) => stack.nodes.find(({ id }) => id === node)?.kind),
    ...(url === undefined ? {} : { url }),
  };
}

/** What is left as it is for now degrades a stack that does its work. */
function withRest(found: Omit<StackHealth, "drift">, rest: string | undefined): Omit<StackHealth, "drift"> {
  if (rest === undefined) return found;
  const { state, because } = found;
  return { state: state === "serving" ? "degraded" : state, because: [...because, rest] };
}

/** Of a suspended stack: closed, or to serve until its window, and then by processes that are not among what is declared. */
function stateOf(
  health: StackStatus["state"],
  of: { readonly closed: boolean; readonly stopped: readonly NodeId[] },
): StackStatus["state"] {
  if (of.stopped.length > 0) return "down";
  return health === "serving" && of.closed ? "suspended" : health;
}

/** Under what people come now: as long as another address waits for its window, the former. */
function urlNow(stack: Stack, seen: Observation): string | undefined {
  const database = stack.nodes.find((node) => node.kind === "database");
  return database === undefined ? undefined : seenInForce(database, seen).baseUrl;
}

function triedIn(tried: readonly Tried[], stack: string): Pick<StackStatus, "tried"> {
  const own = tried.filter((one) => one.stack === stack);
  if (own.length === 0) return {};
  return { tried: own.map(({ source, target, times, lastAt }) => ({ source, target, times, lastAt: new Date(lastAt).toISOString() })) };
}

/** What is not known to be closed is not silently taken for closed. */
function unguarded(walls: GuardObservation["walls"] | undefined): readonly string[] {
  if (walls?.state !== "unknown") return [];
  return [`unknown whether containers are kept from this machine's own services: ${walls.because}`];
}

async function changing({ store }: StatusParts, stack: string): Promise<Pick<StackStatus, "changing">> {
  const lease = await store.leaseOf(stack);
  return lease === undefined ? {} : { changing: lease.operation };
}

async function undeclaredStatus(
  { store, now }: Pick<StatusParts, "store" | "now">,
  revision: Revision | undefined,
  seen: Observation,
): Promise<StackStatus> {
  const id = seen.stack;
  const kept = await keptUntil(store, id);
  const { records } = await store.dataRecords();
  const serves = await servesUntil(revision, { stack: id, now: now() }, seen);
  const until = kept === undefined ? "" : ` until ${kept.until.slice(0, 10)}`;
  return {
    stack: id,
    state: "undeclared",
    because: [
      ...(seen.unseen === undefined ? [] : [`unknown what is here: ${seen.unseen}`]),
      ...lostIn(seen).map((lost) => `${lost.node} ${lost.because}`),
      `${whyUndeclared(revision, id)}${serves}; its data is kept${until}, and deleting it wants its name: ${nameToType(id)}`,
    ],
    drift: [],
    nodes: nodesOf(seen, (node) => records.find((one) => one.node === node)?.kind),
    ...(kept === undefined ? {} : { keptUntil: kept.until }),
  };
}

/** @param kindOf what a node is that cannot be seen, as far as anybody knows. */
function nodesOf(seen: Observation, kindOf: (node: NodeId) => NodeKind | undefined): StackStatus["nodes"] {
  return [...seen.nodes].map(([node, observation]) => {
    if (observation.state === "present") {
      const { condition, because, declared } = observation.value;
      return { node, kind: declared.kind, condition, ...(because === undefined ? {} : { because }) };
    }
    const because = observation.state === "absent" ? {} : { because: observation.because };
    return { node, kind: kindOf(node) ?? "", condition: observation.state, ...because };
  });
}
