import type { OperationRecord } from "../adapters/store/operations.ts";
import type { Store } from "../adapters/store/store.ts";
import type { DecisionShape, FleetStatus, OperationShape, StackStatus, StartOperation } from "../api/contract/contract.ts";
import { PROTOCOL } from "../api/contract/contract.ts";
import type { ControlPlane } from "../api/port.ts";
import type { Actor } from "../domain/admission/admit.ts";
import type { LedgerEntry, LedgerLine } from "../domain/ledger/entry.ts";
import type { Stack } from "../domain/stack/node.ts";
import { healthOf } from "../domain/stack/status.ts";
import type { Engine } from "../engines/engine.ts";
import { failure, type Problem, ProblemError } from "../kernel/problem.ts";
import type { Executor } from "./executor.ts";
import { planRevision } from "./planning.ts";
import type { Revision, Revisions } from "./revisions.ts";

export interface ControlPlaneParts {
  readonly fleet: string;
  readonly instance: string;
  readonly version: string;
  readonly store: Store;
  readonly engine: Engine;
  readonly revisions: Revisions;
  readonly executor: Executor;
  /** The revision that was applied last, if any. */
  readonly current: () => Promise<string | undefined>;
  readonly setCurrent: (hash: string) => Promise<void>;
  readonly shutdown: () => void;
  readonly now: () => number;
}

export function createControlPlane(parts: ControlPlaneParts): ControlPlane {
  const { store, engine } = parts;
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
        protocol: PROTOCOL,
        fleet: parts.fleet,
        instance: parts.instance,
        pid: process.pid,
        engine: engine.name,
        ...(zone === undefined ? {} : { zone }),
      };
    },
    plan: async (files) => await planRevision(engine, await ownRevision(parts, files), parts.now()),
    start: async (request) => await start(parts, request),
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
    status: async () => await statusOf(parts, await currentRevision()),
    logs: (request) => engine.logs(request),
    shutdown: parts.shutdown,
  };
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
  const stack = request.verb === "journey" ? request.stack : undefined;
  const revision = request.verb === "apply" ? await ownRevision(parts, request.files) : undefined;
  refuseFindings(revision?.findings(parts.now()) ?? []);
  const hash = revision?.hash ?? (await parts.current());
  if (hash === undefined && request.verb !== "stop") throw failure("BAL-A004", parts.fleet, "nothing was applied yet");
  await parts.store.addOperation({
    id: operation,
    verb: request.verb,
    ...(stack === undefined ? {} : { stack }),
    actor: actor.name,
    request: hash === undefined ? {} : { revision: hash },
    at: new Date(parts.now()),
  });
  await launch(parts, request, { operation, actor, hash: hash ?? "" });
  return toShape((await parts.store.operation(operation)) as OperationRecord);
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
      await parts.setCurrent(revision);
      await parts.store.setSetting("desired", { state: "running" });
      const override = request.override === undefined ? {} : { override: request.override };
      await executor.apply({ operation, revision, actor, wanted: "declared", closing: "keep-data", ...override });
      return;
    }
    case "remove": {
      const confirmed = request.confirmed === undefined ? {} : { confirmed: request.confirmed };
      const override = { reason: "everything is removed by name" };
      await executor.apply({ operation, revision, actor, wanted: "gone", closing: "remove-all", override, ...confirmed });
      return;
    }
    case "journey":
      await executor.journey({ operation, revision, stack: request.stack, actor });
      return;
    case "stop":
      await parts.store.setSetting("desired", { state: "stopped" });
      await executor.stop({ operation, actor });
      return;
    default:
      request satisfies never;
  }
}

async function statusOf(parts: ControlPlaneParts, revision: Revision | undefined): Promise<FleetStatus> {
  const declared = [...(revision?.stacks.values() ?? [])];
  const names = new Set(declared.map((stack) => stack.id));
  const others = (await parts.engine.stacks()).filter((id) => !names.has(id));
  const stacks = [
    ...(await Promise.all(declared.map((stack) => stackStatus(parts.engine, stack)))),
    ...(await Promise.all(others.map((id) => undeclaredStatus(parts.engine, id)))),
  ];
  const notes = revision === undefined ? ["nothing was applied yet"] : ["no backups exist yet for this fleet"];
  return { fleet: parts.fleet, asOf: new Date(parts.now()).toISOString(), stacks, notes };
}

async function stackStatus(engine: Engine, stack: Stack): Promise<StackStatus> {
  const seen = await engine.observe(stack);
  const { state, because, drift } = healthOf(stack, seen);
  const url = stack.nodes.find((node) => node.kind === "database")?.spec.baseUrl;
  return { stack: stack.id, state, because: [...because], drift: [...drift], nodes: nodesOf(seen), ...(url === undefined ? {} : { url }) };
}

async function undeclaredStatus(engine: Engine, id: string): Promise<StackStatus> {
  const seen = await engine.observe({ id, role: "environment", nodes: [] });
  return { stack: id, state: "undeclared", because: ["no longer declared; what holds data is kept"], drift: [], nodes: nodesOf(seen) };
}

function nodesOf(seen: Awaited<ReturnType<Engine["observe"]>>): StackStatus["nodes"] {
  return [...seen.nodes].map(([node, sight]) => {
    if (sight.state === "present") {
      const { condition, because, declared } = sight.value;
      return { node, kind: declared.kind, condition, ...(because === undefined ? {} : { because }) };
    }
    return { node, kind: "", condition: sight.state, ...(sight.state === "unknown" ? { because: sight.because } : {}) };
  });
}
