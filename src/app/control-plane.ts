import type { OperationRecord } from "../adapters/store/operations.ts";
import type { Store } from "../adapters/store/store.ts";
import type { DecisionShape, FleetPlan, OperationShape, StartOperation } from "../api/contract/contract.ts";
import { PROTOCOL } from "../api/contract/contract.ts";
import type { ControlPlane } from "../api/port.ts";
import type { Actor } from "../domain/admission/admit.ts";
import type { LedgerEntry, LedgerLine } from "../domain/ledger/entry.ts";
import type { Engine } from "../engines/engine.ts";
import { failure, type Problem, ProblemError } from "../kernel/problem.ts";
import { rememberRun } from "./bring-back.ts";
import { closingAfter, closingIn, rememberClosing } from "./closing.ts";
import type { EnvironmentWatch } from "./environment-watch.ts";
import type { Executor } from "./executor.ts";
import { fleetStatus } from "./fleet-status.ts";
import { planRevision } from "./planning.ts";
import { assertUndeclared } from "./removal.ts";
import { keptFrom, keptUntil, rememberDropped } from "./retention.ts";
import type { Revision, Revisions } from "./revisions.ts";
import { admitRotation, rotate } from "./rotate.ts";

export interface ControlPlaneParts {
  readonly fleet: string;
  readonly instance: string;
  readonly version: string;
  readonly build: string;
  readonly store: Store;
  readonly engine: Engine;
  readonly revisions: Revisions;
  readonly executor: Executor;
  readonly watch: Pick<EnvironmentWatch, "of">;
  /** The revision that was applied last, if any. */
  readonly current: () => Promise<string | undefined>;
  readonly setCurrent: (hash: string) => Promise<void>;
  /** What the control plane keeps for itself and can make anew, by name. */
  readonly ownSecrets: Readonly<Record<string, () => Promise<void>>>;
  readonly shutdown: () => void;
  readonly now: () => number;
}

export function createControlPlane(parts: ControlPlaneParts): ControlPlane {
  const { store, engine } = parts;
  const beginning = new Map<string, Promise<OperationShape>>();
  async function currentRevision(): Promise<Revision | undefined> {
    const hash = await parts.current();
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
      const closing = closingAfter(await closingIn(store), await inForce(parts), revision);
      return await planWithDates(parts, await planRevision({ engine, closing, now: parts.now() }, revision));
    },
    async start(request) {
      // Asked for twice at once, it is begun once.
      const begun = beginning.get(request.id) ?? start(parts, request).finally(() => beginning.delete(request.id));
      beginning.set(request.id, begun);
      return await begun;
    },
    operations: async (limit) => (await store.operations({ limit })).map(toShape),
    async operation(id) {
      const found = await store.operation(id);
      return found === undefined ? undefined : toShape(found);
    },
    parts: async (id) => (await store.operations({ limit: 500, parent: id })).map(toShape),
    async decisions(id) {
      const parts = await store.operations({ limit: 500, parent: id });
      return (await store.ledgerOf([id, ...parts.map((part) => part.id)])).map(toDecision);
    },
    events: async (id, after) => (await store.events(id, after, 500)).map((event) => ({ ...event, at: event.at.toISOString() })),
    status: async () => await fleetStatus(parts, await currentRevision()),
    logs: (request) => engine.logs(request),
    shutdown: parts.shutdown,
  };
}

/** Until when the data of what the files no longer declare is kept: as written down, or as it would be if they were applied now. */
async function planWithDates(parts: ControlPlaneParts, plan: FleetPlan): Promise<FleetPlan> {
  const revision = await inForce(parts);
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

function toDecision({ at, entry }: LedgerLine): DecisionShape {
  const { actor, act, subject, reasons } = JSON.parse(entry) as LedgerEntry;
  return { at, actor, act, subject, reasons: [...reasons] };
}

/** One control plane serves one fleet; another fleet's files are refused before anything is read from them. */
async function ownRevision(parts: ControlPlaneParts, files: readonly { path: string; text: string }[]): Promise<Revision> {
  const revision = await parts.revisions.of(files);
  if (revision.fleet === parts.fleet) return revision;
  throw failure("BAL-A003", revision.fleet, `this control plane serves the fleet ${parts.fleet}, the files declare ${revision.fleet}`);
}

async function start(parts: ControlPlaneParts, request: StartOperation): Promise<OperationShape> {
  const actor: Actor = { kind: "person", name: request.actor };
  const operation = request.id;
  // Its steps may be forgotten once it has ended: asked again, it would be done again.
  const before = await parts.store.operation(operation);
  if (before !== undefined && before.state !== "running") return toShape(before);
  const stack = "stack" in request ? request.stack : undefined;
  const hash = await checkedRevision(parts, request);
  await parts.store.addOperation({
    id: operation,
    verb: request.verb,
    ...(stack === undefined ? {} : { stack }),
    actor: actor.name,
    request: hash === undefined ? {} : { revision: hash },
    at: new Date(parts.now()),
  });
  await launch(parts, request, { operation, actor, hash: hash ?? "" }).catch(async (error: unknown) => {
    // Left as running it would hold up the reconciler, and nobody would ever end it.
    const problems = error instanceof ProblemError ? error.problems : [];
    await parts.store.endOperation(operation, "failed", { state: "failed", stacks: [], problems }, new Date(parts.now()));
    throw error;
  });
  return toShape((await parts.store.operation(operation)) as OperationRecord);
}

/** The revision that a request is about, once nothing forbids it: new files for an apply, else those in force. */
async function checkedRevision(parts: ControlPlaneParts, request: StartOperation): Promise<string | undefined> {
  if (request.verb === "apply") {
    const revision = await ownRevision(parts, request.files);
    refuseFindings(revision.findings(parts.now()));
    return revision.hash;
  }
  if (request.verb === "rotate") await admitRotation(parts, request, await inForce(parts));
  if (request.verb === "remove" && request.stack !== undefined) await assertUndeclared(parts.engine, await inForce(parts), request.stack);
  const hash = await parts.current();
  if (hash === undefined && request.verb !== "stop") throw failure("BAL-A004", parts.fleet, "nothing was applied yet");
  return hash;
}

/** What a guardrail calls an error is not begun; what runs already may be looked at, stopped and removed. */
function refuseFindings(findings: readonly Problem[]): void {
  const errors = findings.filter((finding) => finding.severity === "error");
  if (errors.length > 0) throw new ProblemError(errors);
}

async function launch(
  parts: ControlPlaneParts,
  request: StartOperation,
  own: { operation: string; actor: Actor; hash: string },
): Promise<void> {
  const { operation, actor, hash: revision } = own;
  const { executor } = parts;
  switch (request.verb) {
    case "apply": {
      const [before, after] = [await inForce(parts), await parts.revisions.byHash(revision)];
      await rememberDropped(parts.store, before, after, parts.now());
      await rememberClosing(parts.store, before, after);
      await parts.setCurrent(revision);
      await parts.store.setSetting("desired", { state: "running" });
      await rememberRun(parts.store);
      const override = request.override === undefined ? {} : { override: request.override };
      await executor.apply({ operation, revision, actor, wanted: "declared", closing: "keep-data", ...override });
      return;
    }
    case "remove": {
      const confirmed = request.confirmed === undefined ? {} : { confirmed: request.confirmed };
      if (request.stack !== undefined) {
        const one = { operation, root: operation, revision, stack: request.stack, actor, ...confirmed };
        await executor.converge({ ...one, wanted: "gone", closing: "remove-all" });
        return;
      }
      // What is gone must not be taken for something to mend.
      await parts.store.setSetting("desired", { state: "stopped" });
      const override = { reason: "everything is removed by name" };
      await executor.apply({ operation, revision, actor, wanted: "gone", closing: "remove-all", override, ...confirmed });
      return;
    }
    case "rotate": {
      await rotate(parts, request, await parts.revisions.byHash(revision));
      const override = request.override === undefined ? {} : { override: request.override };
      const only = request.stack === undefined ? {} : { only: request.stack };
      await executor.apply({ operation, revision, actor, wanted: "declared", closing: "keep-data", ...only, ...override });
      return;
    }
    case "journey":
      await executor.journey({ operation, revision, stack: request.stack, actor, steps: request.steps ?? "all" });
      return;
    case "stop":
      await parts.store.setSetting("desired", { state: "stopped" });
      await executor.stop({ operation, actor });
      return;
    default:
      request satisfies never;
  }
}

/** The revision in force, if it can still be read. */
async function inForce(parts: ControlPlaneParts): Promise<Revision | undefined> {
  const hash = await parts.current();
  return hash === undefined ? undefined : await parts.revisions.byHash(hash).catch(() => undefined);
}
