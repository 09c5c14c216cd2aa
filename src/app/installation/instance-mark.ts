import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { replaceFileNow } from "../../adapters/files/replace-file.ts";
import { damaged, readStateFile, type StateForm, type StateRead } from "../../adapters/files/state-file.ts";
import type { Store } from "../../adapters/store/store.ts";
import type { Instant } from "../../kernel/instant.ts";
import { failure } from "../../kernel/problem.ts";
import { raiseFloor } from "../secrets/rotation.ts";
import type { Installation } from "./installation.ts";

/** Says outside the store whose objects these are: a new, empty store would take them for a stranger's and begin again beside them. */
export function markFile({ root }: Pick<Installation, "root">): string {
  return join(root, "instance");
}

const INSTANCE: StateForm<string> = { form: "an instance: eight hex digits", read: (text) => /^[0-9a-f]{8}$/.exec(text.trim())?.[0] };

/** Which instance an installation is, as it was written down. */
export function readMark(installation: Pick<Installation, "root">): StateRead<string> {
  return readStateFile(markFile(installation), INSTANCE);
}

/** Writes down which instance this installation is; true when it was not written there. */
export function markInstance(installation: Pick<Installation, "root">, instance: string): boolean {
  return replaceFileNow(markFile(installation), `${instance}\n`, { mode: 0o644 });
}

/** A mark that cannot be read, beside a store that does not know either: whose objects these are must not be guessed. */
function unreadableMark(installation: Pick<Installation, "root">, because: string) {
  const hint =
    "write the instance into it: the label ballast.instance of the fleet's containers and volumes (docker volume ls --filter label=ballast.instance --format '{{.Labels}}')";
  return damaged(markFile(installation), because, hint);
}

/** Refuses to begin with a new embedded store where an installation had one before. Nothing was changed then. */
export function assertKept(installation: Installation, embedded: boolean): void {
  if (!embedded || existsSync(join(installation.postgres, "data", "PG_VERSION"))) return;
  const mark = readMark(installation);
  if (mark.state === "wrong") throw unreadableMark(installation, mark.because);
  if (mark.state === "there") throw storeGone(installation, mark.value);
}

export interface FoundInstance {
  readonly instance: string;
  /** True where a new store was begun in the place of one that is lost. */
  readonly storeLost: boolean;
}

type Settings = Pick<Store, "admission" | "setting" | "setSetting" | "keptSetting" | "appendLedger">;

/**
 * Who this installation is: as its store says, or, where that is new, as the mark beside it does. A store that never knew this installation is
 * refused unless the old one is given up, and a store of another instance always. Where it is given up, objects are recognised by their labels, and
 * every secret, gone with the store, is recreated under a number that none has carried; the next apply tells it to everything that runs.
 */
export async function findInstance(
  installation: Installation,
  store: Settings,
  { giveUpLost, now }: { readonly giveUpLost: boolean | undefined; readonly now: Instant },
): Promise<FoundInstance> {
  const mark = readMark(installation);
  const known = (await store.setting<{ id: string }>("instance"))?.id;
  // A store that knows who it is writes a spoilt mark again.
  if (mark.state === "wrong" && known === undefined) throw unreadableMark(installation, mark.because);
  const marked = mark.state === "there" ? mark.value : undefined;
  if (marked !== undefined && known !== undefined && marked !== known) throw markOfAnother(installation, { marked, known });
  const storeLost = marked !== undefined && known === undefined;
  if (storeLost && giveUpLost !== true) throw storeGone(installation, marked);
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

/** Nothing is lost: one of the two belongs to another installation, and only what runs says which. */
function markOfAnother(installation: Installation, { marked, known }: { readonly marked: string; readonly known: string }) {
  const { fleet } = installation;
  const file = markFile(installation);
  return failure("BAL-S085", file, `says instance ${marked}, and the store is of instance ${known}; nothing was changed`, {
    hint: `see which instance the fleet's data carries: docker volume ls --filter label=ballast.fleet=${fleet} --format '{{.Labels}}'. Where it is ${known}: echo ${known} > ${file}. Where it is ${marked}, the store is another installation's: lead BALLAST_DATABASE_URL to its own, or put that back, and start again`,
  });
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
