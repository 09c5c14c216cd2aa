import type { Readable } from "node:stream";
import { foreignLines } from "../../../kernel/foreign-lines.ts";
import { type Bound, bounded } from "../../../kernel/foreign-text.ts";

/** One message of the stream that the Docker Engine answers a build, an import or a pull with. */
interface EngineMessage {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly progress?: string;
  readonly error?: string;
  readonly aux?: { readonly ID?: string };
}

export interface StreamEnd {
  /** The image that the engine says it made. */
  readonly imageId: string | undefined;
  readonly error: string | undefined;
  readonly tail: readonly string[];
}

const TAIL_LINES = 40;
/** What the engine says at once is short; what a build prints is cut. */
const LINE_BYTES = 256 * 1024;
const SHOWN: Bound = { characters: 2000 };

function textOf(message: EngineMessage): string | undefined {
  if (message.stream !== undefined) return message.stream;
  if (message.error !== undefined) return message.error;
  // A layer's byte counter would be hundreds of lines.
  if (message.progress !== undefined || message.status === undefined) return undefined;
  return message.id === undefined ? message.status : `${message.id}: ${message.status}`;
}

function parse(line: string): EngineMessage {
  try {
    return JSON.parse(line) as EngineMessage;
  } catch {
    return { stream: line };
  }
}

/** Reads an engine's answer to its end. The engine reports failures inside a stream that began with 200. */
export async function readEngineStream(stream: Readable, onLine: (line: string) => void): Promise<StreamEnd> {
  const tail: string[] = [];
  let imageId: string | undefined;
  let error: string | undefined;
  function take(line: string): void {
    if (line.trim() === "") return;
    const message = parse(line);
    imageId = message.aux?.ID ?? imageId;
    if (message.status?.startsWith("sha256:")) imageId = message.status;
    error = message.error ?? error;
    for (const text of (textOf(message) ?? "").split("\n")) {
      if (text.trim() === "") continue;
      const line = bounded(text.trimEnd(), SHOWN);
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      onLine(line);
    }
  }
  for await (const line of foreignLines(stream, { lineBytes: LINE_BYTES })) take(line);
  return { imageId, error, tail };
}
