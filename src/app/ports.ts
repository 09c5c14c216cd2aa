import { createServer } from "node:net";

/** Whether this process could listen there now. */
export function isFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ host: address, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** The first free port from `first` on, within a hundred. */
export async function firstFree(address: string, first: number): Promise<number> {
  for (let port = first; port < first + 100; port++) if (await isFree(address, port)) return port;
  throw new Error(`no free port on ${address} from ${first} to ${first + 99}`);
}
