import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import type { LogLine, LogRequest } from "../engine.ts";
import { engineCall } from "./call.ts";
import { ownFilter } from "./labels.ts";
import type { Scope } from "./scope.ts";

/** Lines of a stack's containers, each with its node and time. Without `follow` they come sorted by time. */
export async function* containerLogs(scope: Scope, request: LogRequest): AsyncIterable<LogLine> {
  const containers = await engineCall(request.stack, () =>
    scope.docker.listContainers({ all: true, filters: ownFilter(scope.owner, request.stack) }),
  );
  const chosen = containers.filter((one) => request.node === undefined || one.Labels["ballast.node"] === request.node);
  if (request.follow) {
    yield* merge(chosen.map((one) => follow(scope, request, one)));
    return;
  }
  const lines: LogLine[] = [];
  for (const one of chosen) for await (const line of follow(scope, request, one)) lines.push(line);
  yield* lines.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

async function* follow(scope: Scope, request: LogRequest, one: { Id: string; Labels: Record<string, string> }): AsyncIterable<LogLine> {
  const container = scope.docker.getContainer(one.Id);
  const options = { stdout: true, stderr: true, timestamps: true, tail: request.tail };
  const raw = request.follow
    ? await engineCall(request.stack, () => container.logs({ ...options, follow: true as const, abortSignal: request.signal }))
    : PassThrough.from([await engineCall(request.stack, () => container.logs({ ...options, follow: false as const }))]);
  const text = new PassThrough();
  scope.docker.modem.demuxStream(raw, text, text);
  raw.on("end", () => text.end());
  raw.on("error", () => text.end());
  for await (const line of createInterface({ input: text })) {
    const space = line.indexOf(" ");
    yield { node: one.Labels["ballast.node"] ?? "", at: line.slice(0, space), text: line.slice(space + 1) };
  }
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
