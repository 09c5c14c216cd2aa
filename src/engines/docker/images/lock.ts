import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { sha256 } from "../../../kernel/canonical.ts";

export interface BuildLock {
  release(): Promise<void>;
}

function tryListen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", (error: NodeJS.ErrnoException) => (error.code === "EADDRINUSE" ? resolve(undefined) : reject(error)));
    server.listen(address, () => {
      server.unref();
      resolve(server);
    });
  });
}

/**
 * One process at a time makes one image. The lock is a name in the kernel (an abstract socket): it goes with the process that
 * holds it, so there is no stale lock to judge. It only saves doing work twice; what makes two builders harmless is that results
 * appear by rename and by tag.
 */
export async function holdLock(name: string, onWait: () => void, signal?: AbortSignal): Promise<BuildLock> {
  const address = `\0ballast-image-${sha256(name).slice(0, 32)}`;
  for (let attempt = 0; ; attempt += 1) {
    const server = await tryListen(address);
    if (server !== undefined) return { release: () => new Promise((resolve) => server.close(() => resolve())) };
    if (attempt === 0) onWait();
    // Ends with the holder, whose every step has a time-out, or with the caller's signal.
    await sleep(500, undefined, signal === undefined ? {} : { signal });
  }
}
