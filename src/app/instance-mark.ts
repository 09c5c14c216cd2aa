import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "../adapters/store/store.ts";
import type { Instant } from "../kernel/instant.ts";
import { failure } from "../kernel/problem.ts";
import type { Installation } from "./installation.ts";
import { raiseFloor } from "./rotation.ts";

/** Says outside the store whose objects these are: a new, empty store would take them for a stranger's and begin again beside them. */
function markFile({ root }: Pick<Installation, "root">): string {
  return join(root, "instance");
}

/** Which instance an installation is, where it was written down. */
export function markedInstance(installation: Pick<Installation, "root">): string | undefined {
  const file = markFile(installation);
  return existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
}

/** Writes down which instance this installation is; it appears by rename. */
function markInstance(installation: Pick<Installation, "root">, instance: string): void {
  const file = markFile(installation);
  if (markedInstance(installation) === instance) return;
  writeFileSync(`${file}.making`, `${instance}\n`, { mode: 0o644, flush: true });
  renameSync(`${file}.making`, file);
}

/** Refuses to begin with a new embedded store where an installation had one before. Nothing was changed then. */
export function assertKept(installation: Installation, embedded: boolean): void {
  const instance = markedInstance(installation);
  if (instance === undefined) return;
  if (embedded && !existsSync(join(installation.postgres, "data", "PG_VERSION"))) throw storeGone(installation, instance);
}

export interface FoundInstance {
  readonly instance: string;
  /** True where a new store was begun in the place of one that is lost. */
  readonly storeLost: boolean;
}

type Shelf = Pick<Store, "setting" | "setSetting" | "keptSetting" | "appendLedger">;

/**
 * Who this installation is: as its store says, or, where that is new, as the mark beside it does. A store that never knew this installation is
 * refused unless the old one is given up: then objects are recognised by their labels, and every secret, gone with the store, is made anew under
 * a number that none has carried; the next apply tells it to everything that runs.
 */
export async function findInstance(
  installation: Installation,
  store: Shelf,
  { giveUpLost, now }: { readonly giveUpLost: boolean | undefined; readonly now: Instant },
): Promise<FoundInstance> {
  const marked = markedInstance(installation);
  const known = (await store.setting<{ id: string }>("instance"))?.id;
  const storeLost = marked !== undefined && marked !== known;
  if (storeLost && (giveUpLost !== true || known !== undefined)) throw storeGone(installation, marked);
  if (storeLost) {
    await raiseFloor(store, now);
    const reasons = ["a new store was begun; operations, ledger and sealed values of the one before are lost"];
    const entry = { actor: "control plane", act: "store.lost", subject: marked, reasons, evidence: { instance: marked } };
    await store.appendLedger(entry, new Date(now));
  }
  const { id } = await store.keptSetting("instance", () => ({ id: marked ?? randomBytes(4).toString("hex") }));
  markInstance(installation, id);
  return { instance: id, storeLost };
}

function storeGone(installation: Installation, instance: string) {
  const { fleet, postgres } = installation;
  const lost = "with it all generated passwords, revisions and history; tenants' databases and files are still in their volumes";
  return failure(
    "BAL-S007",
    fleet,
    `the store of instance ${instance} is not in ${postgres}, nor where BALLAST_DATABASE_URL leads: ${lost}`,
    {
      hint: `put its copy back and start again; where there is none, begin a new one and adopt what runs: ballast up FOLDER --lost-store`,
    },
  );
}
