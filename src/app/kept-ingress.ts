import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Store } from "../adapters/store/store.ts";
import { holdLock } from "../engines/docker/images/lock.ts";
import type { Installation } from "./installation.ts";
import { firstFree } from "./ports.ts";

const LOOPBACK = "127.0.0.1";
const INGRESS_PORT = 8443;
/** Beside each store, since that of a fleet that lies still cannot be asked. */
const FILE = "ingress.port";

interface Kept extends Record<string, string | number> {
  readonly address: string;
  readonly port: number;
}

type Shelf = Pick<Store, "setting" | "keptSetting">;

/**
 * Where the ingress of this installation listens: chosen once, then kept. One chooses at a time on this machine, and what another fleet
 * chose is its own also while it does not run: else two first starts, or a start after a rest, would want the same port.
 */
export async function keptIngress(store: Shelf, installation: Installation): Promise<Kept> {
  const known = await store.setting<Kept>("ingress");
  if (known !== undefined) return claimed(installation, known);
  const lock = await holdLock("ports of ingresses", () => undefined, AbortSignal.timeout(60_000));
  try {
    // A store that was begun anew finds the port that tenants know beside it.
    const port = ownPort(installation) ?? (await firstFree(LOOPBACK, INGRESS_PORT, portsOfOthers(installation)));
    return claimed(installation, await store.keptSetting("ingress", () => ({ address: LOOPBACK, port })));
  } finally {
    await lock.release();
  }
}

function claimed(installation: Installation, kept: Kept): Kept {
  writeFileSync(join(installation.root, FILE), `${kept.port}\n`);
  return kept;
}

function ownPort({ root }: Installation): number | undefined {
  const file = join(root, FILE);
  return existsSync(file) ? Number(readFileSync(file, "utf8")) : undefined;
}

function portsOfOthers({ root }: Installation): ReadonlySet<number> {
  const own = join(root, FILE);
  const others = globSync(join(dirname(root), "*", FILE)).filter((file) => file !== own);
  return new Set(others.map((file) => Number(readFileSync(file, "utf8"))));
}
