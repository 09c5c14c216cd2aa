import { MOST_LINES } from "../../adapters/store/ledger.ts";
import type { OperationRecord } from "../../adapters/store/operations.ts";
import type { DecisionShape, FleetPlan, OperationShape } from "../../api/contract/contract.ts";
import { PROTOCOL } from "../../api/contract/contract.ts";
import type { ControlPlane } from "../../api/port.ts";
import type { LedgerEntry, LedgerLine } from "../../domain/ledger/entry.ts";
import { beginOperation, ownRevision } from "../operations/begin-operation.ts";
import { closingAfter, closingIn } from "../revisions/closing.ts";
import { questionsOf } from "../revisions/closures.ts";
import { declaredIn, readInForce, revisionIn } from "../revisions/in-force.ts";
import { moveFindings } from "../revisions/moves.ts";
import { openedWindows } from "../revisions/opened-windows.ts";
import { planRevision } from "../revisions/planning.ts";
import { returning, takenUp } from "../revisions/returning.ts";
import type { Revision } from "../revisions/revisions.ts";
import { fleetStatus } from "../status/fleet-status.ts";
import type { ControlPlaneParts } from "./control-plane-parts.ts";
import { keptFrom, keptUntil } from "./retention.ts";

export function createControlPlane(parts: ControlPlaneParts): ControlPlane {
  const { store, engine } = parts;
  const beginning = new Map<string, Promise<OperationShape>>();
  async function currentRevision(): Promise<Revision | undefined> {
    const hash = await store.revisionInForce();
    return hash === undefined ? undefined : await parts.revisions.byHash(hash);
  }
  return {
    async health() {
      // A revision that cannot be read any more must not make the control plane look dead.
      const zone = (await currentRevision().catch(() => undefined))?.loaded.fleet.calendars[0]?.zone;
      return {
        status: "serving",
        version: parts.version,
        build: parts.build,
        protocol: PROTOCOL,
        fleet: parts.fleet,
        instance: parts.instance,
        pid: process.pid,
        engine: engine.name,
        ...(zone === undefined ? {} : { zone }),
      };
    },
    async plan(files) {
      const revision = await ownRevision(parts, files);
      const before = await readInForce(parts);
      const closing = closingAfter(await closingIn(store), await declaredIn(before, engine), revision);
      const change = { before, after: revision };
      const taken = await takenUp(parts, change);
      const questions = [...(await questionsOf(parts, { ...change, taken }))];
      const returns = await returning(parts, change, taken);
      const moves = await moveFindings(parts, change);
      const plan = await planWithDates(parts, await planRevision({ engine, closing, returns, now: parts.now() }, revision));
      const notes = [...(await openedWindows(revisionIn(before), revision, parts.now())), ...plan.notes];
      return { ...plan, notes, findings: [...plan.findings, ...moves.map((problem) => ({ ...problem }))], questions };
    },
    async start(request) {
      // Asked for twice at once, it is begun once.
      const begun =
        beginning.get(request.id) ??
        beginOperation(parts, request)
          .then(toShape)
          .finally(() => beginning.delete(request.id));
      beginning.set(request.id, begun);
      return await begun;
    },
    operations: async (limit) => (await store.operations({ limit })).map(toShape),
    async operation(id) {
      const found = await store.operation(id);
      return found === undefined ? undefined : toShape(found);
    },
    parts: async (id) => (await store.partsOf(id)).map(toShape),
    decisions: (id) => decisionsOf(store, id),
    events: async (id, after) => (await store.events(id, after, 500)).map((event) => ({ ...event, at: event.at.toISOString() })),
    follow: (id) => store.follow(id),
    status: async () => await fleetStatus(parts, await currentRevision()),
    logs: (request) => engine.logs(request),
    shutdown: parts.shutdown,
  };
}

/** What the ledger holds about an operation and its parts. */
async function decisionsOf(store: ControlPlaneParts["store"], id: string): Promise<readonly DecisionShape[]> {
  const lines = await store.ledgerOf([id]);
  const cut = lines.length < MOST_LINES ? [] : [leftOut(id, lines.at(-1)?.at ?? "")];
  return [...lines.map(toDecision), ...cut];
}

/** Until when the data of what the files no longer declare is kept: as written down, or as it would be if they were applied now. */
async function planWithDates(parts: ControlPlaneParts, plan: FleetPlan): Promise<FleetPlan> {
  const revision = revisionIn(await readInForce(parts));
  const stacks = await Promise.all(
    plan.stacks.map(async (stack) => {
      if (stack.role !== "undeclared") return stack;
      const written = await keptUntil(parts.store, stack.stack);
      const kept = written ?? (revision?.stacks.has(stack.stack) ? keptFrom(revision, stack.stack, parts.now()) : undefined);
      return kept === undefined ? stack : { ...stack, keptUntil: kept.until };
    }),
  );
  return { ...plan, stacks };
}

function toShape(record: OperationRecord): OperationShape {
  const { createdAt, finishedAt, result, ...rest } = record;
  return {
    ...rest,
    result: result as OperationShape["result"],
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}

/** What is left out is said. */
function leftOut(operation: string, at: string): DecisionShape {
  return { at, actor: "control plane", act: "ledger.more", subject: operation, reasons: [`only the first ${MOST_LINES} lines are shown`] };
}

function toDecision({ at, entry }: LedgerLine): DecisionShape {
  const { actor, act, subject, reasons } = JSON.parse(entry) as LedgerEntry;
  return { at, actor, act, subject, reasons: [...reasons] };
}
