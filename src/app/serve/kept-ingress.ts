import { globSync } from "node:fs";
import { dirname, join } from "node:path";
import { replaceFileNow } from "../../adapters/files/replace-file.ts";
import { readStateFile, type StateForm } from "../../adapters/files/state-file.ts";
import type { Store } from "../../adapters/store/store.ts";
import { holdLock } from "../../engines/docker/images/lock.ts";
import type { Installation } from "../installation/installation.ts";
import { firstFree } from "./ports.ts";

const LOOPBACK = "127.0.0.1";
const INGRESS_PORT = 8443;
/** Beside each store, since that of a fleet that lies still cannot be asked. */
const FILE = "ingress.port";
const PORT: StateForm<number> = {
  form: "the number of a port",
  read: (text) => (/^\d{1,5}\s*$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined),
};

interface Kept extends Record<string, string | number> {
  readonly address: string;
  readonly port: number;
}

type Settings = Pick<Store, "setting" | "keptSetting">;

/**
 * Where the ingress of this installation listens: chosen once, then kept. One chooses at a time on this machine, and what another fleet
 * chose is its own also while it does not run: else two first starts, or a start after a rest, would want the same port.
 */
export async function keptIngress(store: Settings, installation: Installation): Promise<Kept> {
  const known = await store.setting<Kept>("ingress");
  if (known !== undefined) return claimed(installation, known);
  const lock = await holdLock("ports of ingresses", () => undefined, AbortSignal.timeout(60_000));
  try {
    // A store that was recreated finds the port that tenants know beside it.
    const port = ownPort(installation) ?? (await firstFree(LOOPBACK, INGRESS_PORT, portsOfOthers(installation)));
    return claimed(installation, await store.keptSetting("ingress", () => ({ address: LOOPBACK, port })));
  } finally {
    await lock.release();
  }
}

function claimed(installation: Installation, kept: Kept): Kept {
  replaceFileNow(join(installation.root, FILE), `${kept.port}\n`, { mode: 0o644 });
  return kept;
}

function portIn(file: string): number | undefined {
  const found = readStateFile(file, PORT);
  return found.state === "there" ? found.value : undefined;
}

function ownPort({ root }: Installation): number | undefined {
  return portIn(join(root, FILE));
}

function portsOfOthers({ root }: Installation): ReadonlySet<number> {
  const own = join(root, FILE);
  const others = globSync(join(dirname(root), "*", FILE)).filter((file) => file !== own);
  // One that cannot be read is the other fleet's trouble: it writes it again when it starts, and a port in use is not taken.
  return new Set(others.flatMap((file) => portIn(file) ?? []));
}
