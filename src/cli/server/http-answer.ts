import { type IncomingMessage, request } from "node:http";
import { json } from "node:stream/consumers";

/** The head of an answer, and its body, which is read while it comes in. */
export interface HttpAnswer {
  readonly status: number;
  readonly url: string;
  readonly body: IncomingMessage;
}

export interface HttpQuestion {
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** A stream on which nothing comes for so long is cut. */
const SILENT_MS = 300_000;

/** Asks once, on a connection of its own. By `fetch` it would be the same, but to load that takes longer than a quick command runs. */
export function askHttp(url: string, { method, headers, body, signal }: HttpQuestion): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const options = { method, headers: { ...headers, ...length }, agent: false as const, ...(signal === undefined ? {} : { signal }) };
    const call = request(url, options, (answer) => {
      // Whoever reads it hears of a cut; while nobody reads it yet, nobody is to end by one.
      answer.on("error", () => undefined);
      resolve({ status: answer.statusCode ?? 0, url, body: answer });
    });
    call.setTimeout(SILENT_MS, () => call.destroy(new Error(`nothing came for ${SILENT_MS / 1000} s`)));
    call.on("error", reject);
    call.end(body);
  });
}

export async function jsonOf({ body }: HttpAnswer): Promise<unknown> {
  return await json(body);
}

/** The lines of an answer while they come in; the last one also without a line end. */
export async function* linesOf({ body }: HttpAnswer): AsyncIterable<string> {
  let rest = "";
  body.setEncoding("utf8");
  for await (const piece of body) {
    const lines = (rest + String(piece)).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
