import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { LaunchedFleet } from "./launched-fleet.ts";

/** A list of empty lists: as text 3 bytes each, in memory some twenty times that. */
const PIECE = Buffer.from("[],".repeat(350_000));

/** Sends so many MiB of JSON as nobody, until that is answered or cut off. */
export function sendLists(
  { entrance, host }: Pick<LaunchedFleet, "entrance" | "host">,
  tenant: string,
  how: { readonly path: string; readonly mebibytes: number; readonly method: "POST" | "GET" },
): Promise<void> {
  const { address, port, ca } = entrance(tenant);
  const name = host(tenant);
  const length = 1 + how.mebibytes * PIECE.length + 3;
  // Only what says how long it is may be posted.
  const size = how.method === "POST" ? { "content-length": String(length) } : { "transfer-encoding": "chunked" };
  return new Promise((resolve) => {
    const call = request(
      { host: address, port, ca, servername: name, path: how.path, method: how.method, agent: false, timeout: 120_000 },
      (answer) => {
        answer.resume();
        resolve();
      },
    );
    for (const [key, value] of Object.entries({ host: `${name}:${port}`, "content-type": "application/json", ...size }))
      call.setHeader(key, value);
    call.on("error", () => resolve());
    call.on("timeout", () => call.destroy());
    call.write("[");
    for (let sent = 0; sent < how.mebibytes; sent++) call.write(PIECE);
    call.end("[]]");
  });
}

/** As nobody, says of so many requests that a body follows, and sends a byte of each; the return ends them. */
export async function holdBodies(
  { entrance, host }: Pick<LaunchedFleet, "entrance" | "host">,
  tenant: string,
  how: { readonly path: string; readonly count: number; readonly bytes: number },
): Promise<() => void> {
  const { address, port, ca } = entrance(tenant);
  const name = host(tenant);
  const headers = { host: `${name}:${port}`, "content-type": "application/json", "content-length": String(how.bytes) };
  const calls = Array.from({ length: how.count }, () => {
    const call = request({ host: address, port, ca, servername: name, path: how.path, method: "POST", headers, agent: false }, (answer) =>
      answer.resume(),
    );
    call.on("error", () => undefined);
    call.write("{");
    return call;
  });
  await sleep(5000);
  return () => {
    for (const call of calls) call.destroy();
  };
}
