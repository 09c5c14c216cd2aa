import type { LogLine, LogRequest } from "../../engine.ts";
import { engineCall } from "../call.ts";
import { ownFilter } from "../observe/labels.ts";
import type { Scope } from "../scope.ts";
import { logLines } from "./log-stream.ts";

/** What is held of one container's log to sort it among others. */
const HELD_CHARACTERS = 4 * 1024 * 1024;

interface LoggedContainer {
  readonly Id: string;
  readonly Labels: Record<string, string>;
}

/** Lines of a stack's containers, each with its node and time. Without `follow` they come sorted by time. */
export async function* containerLogs(scope: Scope, request: LogRequest): AsyncIterable<LogLine> {
  const containers = await engineCall(request.stack, () =>
    scope.docker.listContainers({ all: true, filters: ownFilter(scope.owner, request.stack) }),
  );
  const chosen = containers.filter((one) => request.node === undefined || one.Labels["ballast.node"] === request.node);
  if (request.follow) {
    yield* merge(chosen.map((one) => linesOf(scope, request, one)));
    return;
  }
  const lines: LogLine[] = [];
  for (const one of chosen) for (const line of await lastOf(linesOf(scope, request, one))) lines.push(line);
  yield* lines.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

async function* linesOf(scope: Scope, request: LogRequest, one: LoggedContainer): AsyncGenerator<LogLine> {
  const { tail, follow, signal } = request;
  try {
    for await (const line of logLines(scope, one.Id, { tail, follow, timestamps: true, signal })) {
      const space = line.indexOf(" ");
      yield { node: one.Labels["ballast.node"] ?? "", at: line.slice(0, space), text: line.slice(space + 1) };
    }
  } catch (error) {
    if (!signal.aborted) await engineCall(request.stack, () => Promise.reject(error));
  }
}

/** The end of a log: as many of its last lines as are held. */
async function lastOf(log: AsyncIterable<LogLine>): Promise<readonly LogLine[]> {
  const lines: LogLine[] = [];
  let held = 0;
  for await (const line of log) {
    lines.push(line);
    held += line.text.length;
    while (held > HELD_CHARACTERS) held -= lines.shift()?.text.length ?? 0;
  }
  return lines;
}

/** Whatever comes first from any of the streams. */
async function* merge(streams: readonly AsyncIterable<LogLine>[]): AsyncIterable<LogLine> {
  const waiting = new Map(streams.map((stream) => [stream, next(stream[Symbol.asyncIterator]())]));
  const iterators = [...waiting.values()];
  const open = new Set(iterators);
  while (open.size > 0) {
    const { source, result } = await Promise.race([...open].map((entry) => entry.promise.then((result) => ({ source: entry, result }))));
    open.delete(source);
    if (result.done) continue;
    yield result.value;
    open.add(next(source.iterator));
  }
}

function next(iterator: AsyncIterator<LogLine>): { iterator: AsyncIterator<LogLine>; promise: Promise<IteratorResult<LogLine>> } {
  return { iterator, promise: iterator.next() };
}
