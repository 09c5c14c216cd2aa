import { setTimeout as sleep } from "node:timers/promises";
import { OperationEventShape, OperationShape } from "../../api/contract/contract.ts";
import { failure, ProblemError } from "../../kernel/problem.ts";
import { type Client, NOBODY_THERE } from "./client.ts";
import { type HttpAnswer, linesOf } from "./http-answer.ts";

export type Followed =
  | { readonly kind: "event"; readonly event: OperationEventShape }
  | { readonly kind: "ended"; readonly operation: OperationShape }
  /** Nothing has been heard of the control plane for some seconds. Told once each time. */
  | { readonly kind: "away"; readonly patienceMs: number };

/** How long a control plane may be away, as while it is restarted, before following gives up. */
const PATIENCE_MS = 60_000;
/** Shorter, nobody need know of it. */
const BLIP_MS = 3000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2000;

/** Everything that an operation tells until it ends. A cut stream is opened again after the last event that was read. */
export async function* follow(client: Client, id: string, signal: AbortSignal, patienceMs = PATIENCE_MS): AsyncIterable<Followed> {
  let after = 0;
  let pause = FIRST_PAUSE_MS;
  let silence: Silence | undefined;
  for (;;) {
    try {
      for await (const told of readStream(await client.events(id, after, signal))) {
        pause = FIRST_PAUSE_MS;
        silence = undefined;
        if (told.kind === "event") after = told.event.seq;
        yield told;
        if (told.kind === "ended") return;
      }
    } catch (error) {
      if (signal.aborted || !isCut(error, silence)) throw error;
    }
    silence ??= { since: performance.now(), isTold: false };
    if (isNews(id, silence, patienceMs)) yield { kind: "away", patienceMs };
    await sleep(pause, undefined, { signal });
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

/** How long nothing is heard, and whether that was said. */
interface Silence {
  readonly since: number;
  isTold: boolean;
}

/** True once of each silence that lasts. Throws where it lasts too long. */
function isNews(id: string, silence: Silence, patienceMs: number): boolean {
  const lasts = performance.now() - silence.since;
  if (lasts > patienceMs) throw gone(id, lasts);
  if (lasts <= BLIP_MS || silence.isTold) return false;
  silence.isTold = true;
  return true;
}

function gone(id: string, awayMs: number): ProblemError {
  const words = `the control plane has been unreachable for ${Math.round(awayMs / 1000)} s; the operation goes on when it is back`;
  return failure("BAL-C008", id, words, { hint: `./ballast up FOLDER starts it, if it has ended; then: ./ballast operations ${id}` });
}

const AWAY = new Set([NOBODY_THERE, "BAL-C008", "BAL-A005"]);
/** The token is not known: for a moment after a restart another fleet may have been given the port that this one had, and a token may be rotated. */
const TOKEN_REFUSED = "BAL-A001";
const REFUSED_MS = 10_000;

/** A stream that broke or a server that is away; what the server itself refuses is final. */
function isCut(error: unknown, silence: Silence | undefined): boolean {
  if (!(error instanceof ProblemError)) return true;
  const isEarly = silence === undefined || performance.now() - silence.since < REFUSED_MS;
  return error.problems.every(({ code }) => AWAY.has(code) || (code === TOKEN_REFUSED && isEarly));
}

/** Reads server-sent events: blocks of `field: value` lines, ended by an empty one. */
async function* readStream(answer: HttpAnswer): AsyncIterable<Followed> {
  let name = "";
  let data = "";
  for await (const line of linesOf(answer)) {
    if (line.startsWith("event: ")) name = line.slice(7);
    else if (line.startsWith("data: ")) data += line.slice(6);
    else if (line === "" && data !== "") {
      const value: unknown = JSON.parse(data);
      if (name === "operation.ended") yield { kind: "ended", operation: OperationShape.parse(value) };
      else yield { kind: "event", event: OperationEventShape.parse(value) };
      [name, data] = ["", ""];
    }
  }
}
