import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "../adapters/store/store.ts";
import type { Instant } from "../kernel/instant.ts";
import type { Installation } from "./installation.ts";
import { firstFree } from "./ports.ts";
import { raiseFloor } from "./rotation.ts";

/** What an installation chose once. It stands in the store, and in a file beside it, so that a lost store does not make strangers of everything that runs. */
export interface InstallationRecord {
  /** On every object of ours: what does not carry it is never touched. */
  readonly instance: string;
  readonly ingress: { readonly address: string; readonly port: number };
}

export interface FoundRecord extends InstallationRecord {
  /** True where the store is new and the file is not: the store was lost. */
  readonly storeLost: boolean;
}

const LOOPBACK = "127.0.0.1";
const INGRESS_PORT = 8443;

type Shelf = Pick<Store, "setting" | "setSetting" | "keptSetting" | "appendLedger">;

/**
 * Reads the record, or makes it. After a loss of the store the file says who we were; what was sealed is gone with the store, so every secret is
 * made anew under a number that none has carried, and the next apply tells it to everything that runs.
 */
export async function findRecord({ root }: Pick<Installation, "root">, store: Shelf, now: Instant): Promise<FoundRecord> {
  const file = join(root, "installation.json");
  const written = readRecord(file);
  const known = (await store.setting<{ id: string }>("instance")) !== undefined;
  const storeLost = !known && written !== undefined;
  if (storeLost) {
    await raiseFloor(store, now);
    const reasons = ["the store holds nothing, and the file of the installation does: operations, ledger and sealed values are lost"];
    const entry = {
      actor: "control plane",
      act: "store.lost",
      subject: written.instance,
      reasons,
      evidence: { instance: written.instance },
    };
    await store.appendLedger(entry, new Date(now));
  }
  const free = written?.ingress ?? { address: LOOPBACK, port: await firstFree(LOOPBACK, INGRESS_PORT) };
  const ingress = await store.keptSetting("ingress", () => free);
  const { id } = await store.keptSetting("instance", () => ({ id: written?.instance ?? randomBytes(4).toString("hex") }));
  const record = { instance: id, ingress };
  if (written?.instance !== id || written.ingress.port !== ingress.port) writeRecord(file, record);
  return { ...record, storeLost };
}

function readRecord(file: string): InstallationRecord | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as InstallationRecord) : undefined;
}

function writeRecord(file: string, record: InstallationRecord): void {
  writeFileSync(`${file}.making`, `${JSON.stringify(record)}\n`, { flush: true });
  renameSync(`${file}.making`, file);
}
