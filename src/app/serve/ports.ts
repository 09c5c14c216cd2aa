import { createServer } from "node:net";
import { failure } from "../../kernel/problem.ts";

const SEARCHED = 100;

/** Whether this process could listen there now. */
export function isFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ host: address, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** The first free port from `first` on that is nobody's, within a hundred. */
export async function firstFree(address: string, first: number, taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let port = first; port < first + SEARCHED; port++) if (!taken.has(port) && (await isFree(address, port))) return port;
  throw noneFree(address, first);
}

/** Listens on the first port from `first` on that nobody has, also where another takes it in the same moment. */
export async function listenFrom(first: number, listen: (port: number) => Promise<unknown>): Promise<number> {
  for (let port = first; port < first + SEARCHED; port++) {
    const taken = await listen(port).then(
      () => false,
      (error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
        return true;
      },
    );
    if (!taken) return port;
  }
  throw noneFree("127.0.0.1", first);
}

function noneFree(address: string, first: number) {
  return failure("BAL-E006", `${address}:${first}`, `no port from ${first} to ${first + SEARCHED - 1} is free`, {
    hint: "free one of them, or declare another in the Fleet: spec.ingress.listen",
  });
}
