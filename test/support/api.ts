import { readFileSync } from "node:fs";
import type { OperationShape, StartOperation } from "../../src/api/contract/contract.ts";
import type { Installation } from "../../src/app/installation/installation.ts";

/** A client for tests that outlive the server they talk to: no answer is an answer. */
export function apiOf(installation: Installation) {
  async function call<T>(method: string, path: string, body?: unknown): Promise<T | undefined> {
    try {
      const { url } = JSON.parse(readFileSync(installation.serverFile, "utf8")) as { url: string };
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `bearer ${readFileSync(installation.tokenFile, "utf8").trim()}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(10_000),
      });
      return response.ok ? ((await response.json()) as T) : undefined;
    } catch {
      return undefined;
    }
  }
  return {
    isUp: async () => (await call<object>("GET", "/v1/health")) !== undefined,
    start: (request: StartOperation) => call<OperationShape>("POST", "/v1/operations", request),
    operation: (id: string) => call<OperationShape>("GET", `/v1/operations/${id}`),
    shutdown: () => call<object>("POST", "/v1/shutdown"),
  };
}

/** Asks until there is an answer. */
export async function eventually<T>(what: string, seconds: number, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`${what} did not happen within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
