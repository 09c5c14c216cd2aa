import { DBOS } from "@dbos-inc/dbos-sdk";
import type { OperationState } from "../../adapters/store/operations.ts";
import type { Actor } from "../../domain/admission/admit.ts";
import { type Stack, type StackId, stackOf } from "../../domain/stack/node.ts";
import { stackWaves } from "../../domain/stack/order.ts";
import { failure, type Problem } from "../../kernel/problem.ts";
import { type BrokeOff, registerTold } from "../broken.ts";
import type { Converge, ConvergeRequest, ConvergeResult } from "../converge/request.ts";
import { waitForOthers, withoutDeleted } from "../deletion.ts";
import { endWork } from "../end.ts";
import type { InFlight } from "../in-flight.ts";
import type { CompiledRevision, Services } from "../services.ts";
import { runStep } from "../step.ts";
import { unlessStopped } from "../stopped.ts";
import { oneResultPerStack, problemsOfAll } from "./one-result.ts";

/** Brings a whole fleet to a revision, or takes all of it away. */
export interface ApplyRequest {
  readonly operation: string;
  readonly revision: string;
  readonly actor: Actor;
  readonly wanted: "declared" | "gone";
  readonly closing: "keep-data" | "remove-all";
  /** One declared stack, and nothing else. */
  readonly only?: StackId;
  readonly override?: { readonly reason: string };
  readonly confirmed?: string;
  /** Stacks of which what is lost is given up, and stacks of which what stands in its place is adopted. */
  readonly recreate?: readonly StackId[];
  readonly adopt?: readonly StackId[];
}

export interface ApplyResult {
  readonly state: OperationState;
  readonly stacks: readonly ConvergeResult[];
  readonly problems: readonly Problem[];
}

/** What ends an operation before it did anything. */
const REFUSALS = new Set(["BAL-W002", "BAL-W029", "BAL-W030", "BAL-W054"]);

/** One stack of the work, with those that must be done before it. */
interface Part {
  readonly stack: StackId;
  readonly declared: boolean;
  /** Given up to a stack of another name, which takes over what it holds. */
  readonly handsOver?: boolean;
  readonly needs: readonly StackId[];
}

export function registerApply(
  services: Services,
  converge: Converge,
  inFlight: InFlight,
  brokeOff: BrokeOff,
): (request: ApplyRequest) => Promise<ApplyResult> {
  async function apply(request: ApplyRequest): Promise<ApplyResult> {
    const prepared = await runStep(services, { name: "prepare", timeoutSeconds: 3600 }, async (signal) => {
      if (isDeletion(request)) await waitForOthers(services, inFlight, { root: request.operation, signal });
      if (isDeletion(request)) return await prepare(services, request, signal);
      const at = { root: request.operation, actor: request.actor, signal };
      return await unlessStopped(services, at, (wanted) => prepare(services, request, wanted));
    });
    if (!prepared.ok) {
      const refused = prepared.problems.some((problem) => REFUSALS.has(problem.code));
      return await finish(services, request, { state: refused ? "refused" : "failed", stacks: [], problems: prepared.problems });
    }
    const results = new Map<StackId, ConvergeResult>();
    for (const wave of prepared.value) {
      // All are begun in their order, which a replay repeats; how many work at once is the parts' own affair, so that one that hangs stops no other.
      const done = await Promise.all(wave.map((part) => convergePart(converge, request, { part, results })));
      wave.forEach((part, index) => {
        const key = part.handsOver === true ? handOverOf(part.stack) : part.stack;
        results.set(key, done[index] as ConvergeResult);
      });
    }
    const published = await runStep(services, { name: "publish", timeoutSeconds: 60 }, () => services.publish(request.revision));
    return await finish(services, request, summarise(oneResultPerStack([...results.values()]), published.ok ? [] : published.problems));
  }
  return registerTold({ name: "apply", log: services.log }, apply, brokeOff);
}

/** Everything of the fleet goes, with its data. */
function isDeletion({ wanted, closing }: ApplyRequest): boolean {
  return wanted === "gone" && closing === "remove-all";
}

/** Builds what is missing and lists the stacks in their order: foundations first, or last when all is to go. */
async function prepare(services: Services, request: ApplyRequest, signal: AbortSignal): Promise<readonly (readonly Part[])[]> {
  const compiled = await services.compiled(request.revision);
  if (request.closing === "remove-all" && request.confirmed !== compiled.fleet) {
    throw failure("BAL-W002", compiled.fleet, "deleting a fleet with its data wants its name", { hint: `--confirm ${compiled.fleet}` });
  }
  const declared = request.wanted === "gone" ? [] : [...compiled.stacks.values()];
  if (request.only !== undefined) return [[{ stack: request.only, declared: true, needs: [] }]];
  const names = new Set(declared.map((stack) => stack.id));
  // A journey removes its own clone; only when everything goes is it taken along.
  const others = (await services.engine.stacks()).filter((id) => !names.has(id));
  const undeclared =
    request.closing === "remove-all"
      ? others
      : await withoutDeleted(
          services,
          others.filter((id) => !id.includes("~")),
        );
  let told = Promise.resolve();
  function progress(text: string): void {
    const event = {
      operation: request.operation,
      root: request.operation,
      key: text,
      at: new Date(services.now()),
      kind: "progress",
      subject: "images",
      text,
    };
    told = told.then(() => services.store.addEvent(event)).catch((error: unknown) => services.log(error, request.operation));
  }
  await services.engine.prepare?.(imagesOf(declared), { signal, progress });
  await told;
  const needs = new Map(declared.map((stack) => [stack.id, needsOf(stack)]));
  const renamed = handOvers(compiled, undeclared);
  const givesUp = (stack: StackId) => renamed.filter((former) => former === compiled.formerly.get(stack)).map(handOverOf);
  const order = stackWaves(declared).map((wave) =>
    wave.map((stack) => ({ stack, declared: true, needs: [...(needs.get(stack) ?? []), ...givesUp(stack)] })),
  );
  const leavingWaves = leavingOrder(undeclared.filter((id) => !renamed.includes(id)));
  const leaving = leavingWaves.map((wave, index) =>
    wave.map((stack) => ({ stack, declared: false, needs: leavingWaves.slice(0, index).flat() })),
  );
  // A former name gives up its processes first; what is left of it goes once the new name has taken its data.
  const givingUp = renamed.map((stack) => ({ stack, declared: false, handsOver: true, needs: [] }));
  const leftovers = renamed.map((stack) => ({ stack, declared: false, needs: heirsOf(compiled, stack) }));
  return [...leaving, givingUp, ...order, leftovers].filter((wave) => wave.length > 0);
}

/** Under which the end of a hand-over is known, beside that of the stack itself. */
function handOverOf(former: StackId): StackId {
  return `${former}~hand-over`;
}

/** Former names of which something is still here, and whose heirs are declared. */
function handOvers({ formerly }: CompiledRevision, undeclared: readonly StackId[]): readonly StackId[] {
  const former = new Set(formerly.values());
  return undeclared.filter((id) => former.has(id));
}

function heirsOf({ formerly }: CompiledRevision, former: StackId): readonly StackId[] {
  return [...formerly].filter(([, old]) => old === former).map(([heir]) => heir);
}

function imagesOf(stacks: readonly Stack[]): readonly string[] {
  return [...new Set(stacks.flatMap((stack) => stack.nodes.flatMap((node) => ("image" in node.spec ? [node.spec.image] : []))))].sort();
}

function needsOf(stack: Stack): readonly StackId[] {
  return [...new Set(stack.nodes.flatMap((node) => node.uses.map((edge) => stackOf(edge.to))))].filter((id) => id !== stack.id);
}

/** Environments leave before the pools that carry them, and those before the platform. */
function leavingOrder(stacks: readonly StackId[]): readonly (readonly StackId[])[] {
  const of = (test: (id: StackId) => boolean) => stacks.filter(test);
  const pools = of((id) => id.startsWith("pool/"));
  const platforms = of((id) => id.startsWith("platform/"));
  const environments = of((id) => !id.startsWith("pool/") && !id.startsWith("platform/"));
  return [environments, pools, platforms].filter((wave) => wave.length > 0);
}

async function convergePart(
  converge: Converge,
  request: ApplyRequest,
  at: { part: Part; results: ReadonlyMap<StackId, ConvergeResult> },
): Promise<ConvergeResult> {
  const { part, results } = at;
  const broken = part.needs.find((need) => !["done", "held"].includes(results.get(need)?.state ?? "done"));
  if (broken !== undefined) {
    const problem: Problem = {
      code: "BAL-W006",
      severity: "error",
      at: part.stack,
      message: `not tried: it needs ${broken}, which is not up`,
    };
    return { stack: part.stack, state: "failed", changed: [], held: [], kept: [], problems: [problem] };
  }
  const operation = `${request.operation}:${part.stack}${part.handsOver === true ? ":hand-over" : ""}`;
  const child: ConvergeRequest = {
    operation,
    root: request.operation,
    revision: request.revision,
    stack: part.stack,
    wanted: part.declared ? "declared" : "gone",
    closing: part.handsOver === true ? "hand-over" : request.closing,
    actor: request.actor,
    ...decidedOf(request, part),
    ...(request.override === undefined ? {} : { override: request.override }),
    ...(request.confirmed === undefined ? {} : { confirmed: request.confirmed }),
  };
  return await DBOS.withNextWorkflowID(operation, () => converge(child));
}

/** What was decided about the data of this stack is carried out under its own lease. */
function decidedOf({ recreate = [], adopt = [] }: ApplyRequest, { stack, declared }: Part): Pick<ConvergeRequest, "decided"> {
  const decided = { recreate: declared && recreate.includes(stack), adopt: declared && adopt.includes(stack) };
  return decided.recreate || decided.adopt ? { decided } : {};
}

function summarise(stacks: readonly ConvergeResult[], own: readonly Problem[]): ApplyResult {
  const states = new Set(stacks.map((stack) => stack.state));
  const problems = [...problemsOfAll(stacks), ...own];
  if (states.has("failed") || states.has("unknown") || own.length > 0) return { state: "failed", stacks, problems };
  if (states.has("refused")) return { state: "refused", stacks, problems };
  return { state: states.has("held") ? "held" : "done", stacks, problems };
}

async function finish(services: Services, request: ApplyRequest, result: ApplyResult): Promise<ApplyResult> {
  const { operation } = request;
  await endWork(services, "finish", { operation, state: result.state, result, bare: { stacks: [] } }, () =>
    services.store.addEvent({
      operation,
      root: operation,
      key: "finish",
      at: new Date(services.now()),
      kind: "end",
      subject: operation,
      text: result.problems[0]?.message ?? "",
    }),
  );
  return result;
}
