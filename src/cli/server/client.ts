import type { z } from "zod";
import {
  DecisionShape,
  FleetPlan,
  FleetStatus,
  Health,
  LogLineShape,
  OperationShape,
  ProblemDocument,
  type StartOperation,
} from "../../api/contract/contract.ts";
import { failure, ProblemError } from "../../kernel/problem.ts";
import type { FleetText } from "../fleet/fleet-files.ts";
import { askHttp, type HttpAnswer, jsonOf, linesOf } from "./http-answer.ts";
import { isAlive, listenerAt } from "./listener.ts";
import { toProblems } from "./wire.ts";

/** Where a control plane left word that it is. */
export interface Whereabouts {
  readonly url: string;
  readonly pid?: number;
}

export interface ServerAddress {
  /** Read at each call: it may start again while a command waits, as another process and at another port. */
  readonly at: () => Whereabouts;
  /** Read at each call: it may be rotated while a command waits. */
  readonly token: () => string;
  /** The users to whom a control plane may belong; the token goes to nobody else. */
  readonly owners: readonly number[];
}

/** Nothing is there: its process has ended, or nobody listens. One that is there and does not answer has another code. */
export const NOBODY_THERE = "BAL-C085";

export type OperationWithParts = OperationShape & { readonly parts: readonly OperationShape[] };

export interface LogQuery {
  readonly stack: string;
  readonly node?: string;
  readonly tail: number;
  readonly follow: boolean;
}

/** The calls of the API that the command line makes. Each ends in time, and answers in the shapes of the contract. */
export interface Client {
  health(): Promise<Health>;
  plan(files: readonly FleetText[]): Promise<FleetPlan>;
  start(request: StartOperation): Promise<OperationShape>;
  operations(limit: number): Promise<readonly OperationShape[]>;
  operation(id: string): Promise<OperationWithParts>;
  decisions(id: string): Promise<readonly DecisionShape[]>;
  /** The open stream of an operation's events; the caller reads it, and opens it again after a cut. */
  events(id: string, after: number, signal?: AbortSignal): Promise<HttpAnswer>;
  status(): Promise<FleetStatus>;
  logs(query: LogQuery, signal?: AbortSignal): AsyncIterable<z.infer<typeof LogLineShape>>;
  shutdown(): Promise<void>;
}

const HEALTH_SECONDS = 5;
const QUICK_SECONDS = 30;
/** Planning looks at every object of the fleet. */
const PLAN_SECONDS = 180;

const List = OperationShape.array();
const WithParts = OperationShape.extend({ parts: OperationShape.array() });

export function createClient(address: ServerAddress): Client {
  const call = (path: string, how: Call = {}) => request(address, path, how);
  return {
    health: async () => Health.parse(await jsonOf(await call("/v1/health", { seconds: HEALTH_SECONDS }))),
    plan: async (files) => FleetPlan.parse(await jsonOf(await call("/v1/plans", { body: { files }, seconds: PLAN_SECONDS }))),
    start: async (body) => OperationShape.parse(await jsonOf(await call("/v1/operations", { body, seconds: PLAN_SECONDS }))),
    async operations(limit) {
      const { items } = (await jsonOf(await call(`/v1/operations?limit=${limit}`))) as { items: unknown };
      return List.parse(items);
    },
    operation: async (id) => WithParts.parse(await jsonOf(await call(`/v1/operations/${encodeURIComponent(id)}`))),
    async decisions(id) {
      const { items } = (await jsonOf(await call(`/v1/operations/${encodeURIComponent(id)}/decisions`))) as { items: unknown };
      return DecisionShape.array().parse(items);
    },
    events: (id, after, signal) =>
      call(`/v1/operations/${encodeURIComponent(id)}/events?after=${after}`, { seconds: 0, ...(signal === undefined ? {} : { signal }) }),
    status: async () => FleetStatus.parse(await jsonOf(await call("/v1/status", { seconds: PLAN_SECONDS }))),
    async *logs(query, signal) {
      const search = new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]));
      const response = await call(`/v1/logs?${search.toString()}`, { seconds: 0, ...(signal === undefined ? {} : { signal }) });
      for await (const line of linesOf(response)) if (line !== "") yield LogLineShape.parse(JSON.parse(line));
    },
    async shutdown() {
      (await call("/v1/shutdown", { method: "POST" })).body.resume();
    },
  };
}

interface Call {
  readonly method?: "GET" | "POST";
  readonly body?: object;
  /** 0: as long as it takes, for streams. */
  readonly seconds?: number;
  readonly signal?: AbortSignal;
}

async function request(address: ServerAddress, path: string, how: Call): Promise<HttpAnswer> {
  const seconds = how.seconds ?? QUICK_SECONDS;
  const at = address.at();
  assertOwn(at, address.owners);
  const signals = [...(seconds > 0 ? [AbortSignal.timeout(seconds * 1000)] : []), ...(how.signal === undefined ? [] : [how.signal])];
  const headers = {
    authorization: `Bearer ${address.token()}`,
    ...(how.body === undefined ? {} : { "content-type": "application/json" }),
  };
  const answer = await askHttp(`${at.url}${path}`, {
    method: how.method ?? (how.body === undefined ? "GET" : "POST"),
    headers,
    ...(how.body === undefined ? {} : { body: JSON.stringify(how.body) }),
    ...(signals.length === 0 ? {} : { signal: AbortSignal.any(signals) }),
  }).catch((error: unknown) => {
    throw how.signal?.aborted === true ? error : outOfReach(error, at.url, seconds);
  });
  if (answer.status < 200 || answer.status > 299) throw await refusal(answer);
  return answer;
}

/** A control plane that ended left its port to whoever takes it: another program would get the token, and answer in its stead. */
function assertOwn({ url, pid }: Whereabouts, owners: readonly number[]): void {
  if (pid !== undefined && !isAlive(pid)) throw nobodyThere(url, "its process has ended");
  const owner = listenerAt(Number(new URL(url).port));
  if (owner === undefined) throw nobodyThere(url, "nobody listens there");
  if (!owners.includes(owner))
    throw failure("BAL-C044", url, `a process of user ${owner} listens there, and is told nothing`, {
      hint: "the control plane ended, and another program took its port: end that, or start the control plane again (ballast up)",
    });
}

function nobodyThere(url: string, why: string, cause?: unknown): ProblemError {
  return failure(NOBODY_THERE, url, `the control plane cannot be reached: ${why}`, { hint: "ballast up starts it again", cause });
}

/** Says in words that people know why nothing came back. */
function outOfReach(error: unknown, url: string, seconds: number): ProblemError {
  const fault = error as NodeJS.ErrnoException & { cause?: Error };
  if (fault.cause?.name === "TimeoutError")
    return failure("BAL-C008", url, `the control plane did not answer in ${seconds} s`, { hint: "its log says more", cause: error });
  if (fault.code === "ECONNREFUSED") return nobodyThere(url, "nobody listens there", error);
  return failure("BAL-C008", url, `the control plane cannot be reached: ${fault.code ?? fault.message}`, { cause: error });
}

async function refusal(answer: HttpAnswer): Promise<ProblemError> {
  const parsed = ProblemDocument.safeParse(await jsonOf(answer).catch(() => undefined));
  if (!parsed.success || parsed.data.problems.length === 0)
    return failure(answer.status >= 500 ? "BAL-A005" : "BAL-A003", answer.url, `the control plane answered ${answer.status}`);
  return new ProblemError(toProblems(parsed.data.problems));
}
