import { request } from "node:https";
import { checkServerIdentity } from "node:tls";
import { handshakeFault } from "./handshake-fault.ts";

/** The ingress, as a dialler sees it: an address to connect to and an authority to trust. Names like `*.localhost` are not looked up. */
export interface Door {
  readonly address: string;
  readonly port: number;
  /** PEM. */
  readonly ca: string;
  /** The name in the certificate that is shown for a host while it has none of its own. */
  readonly fallback?: string;
}

export interface Question {
  readonly host: string;
  readonly path: string;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly seconds: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** One HTTPS request to a host name through the ingress, with its name in TLS and in the Host header, and the certificate checked against the fleet's authority. */
export function requestThrough(door: Door, question: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: door.address,
        port: door.port,
        servername: question.host,
        ca: door.ca,
        checkServerIdentity: (host, certificate) => {
          const fault = checkServerIdentity(host, certificate);
          return fault === undefined || door.fallback === undefined ? fault : checkServerIdentity(door.fallback, certificate);
        },
        method: question.method ?? "GET",
        path: question.path,
        headers: { host: `${question.host}:${door.port}`, ...question.headers },
        signal: AbortSignal.timeout(question.seconds * 1000),
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MAX_BODY_BYTES) response.destroy(new Error(`the answer is larger than ${MAX_BODY_BYTES} bytes`));
          else chunks.push(chunk);
        });
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString("utf8") }),
        );
      },
    );
    call.on("error", (error) => reject(inWords(error)));
    call.end(question.body);
  });
}

/** A fault of TLS says in words what is wrong; what OpenSSL said is its cause, and the code stays. */
function inWords(error: NodeJS.ErrnoException): Error {
  const words = handshakeFault(error);
  return words === undefined ? error : Object.assign(new Error(words, { cause: error }), { code: error.code });
}
