import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { failure } from "../kernel/problem.ts";
import type { Installation } from "./installation.ts";

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
export function markInstance(installation: Pick<Installation, "root">, instance: string): void {
  const file = markFile(installation);
  if (markedInstance(installation) === instance) return;
  writeFileSync(`${file}.making`, `${instance}\n`, { mode: 0o644, flush: true });
  renameSync(`${file}.making`, file);
}

/** Refuses to begin with a new key, or with a new embedded store, where an installation had them before. Nothing was changed then. */
export function assertKept(installation: Installation, embedded: boolean): void {
  const instance = markedInstance(installation);
  if (instance === undefined) return;
  if (!existsSync(installation.keyFile)) {
    throw failure(
      "BAL-S005",
      installation.keyFile,
      `the sealing key of instance ${instance} is not there, and no other opens its secrets`,
      {
        hint: "put the kept copy of it back (or name it in BALLAST_KEY_FILE)",
      },
    );
  }
  if (embedded && !existsSync(join(installation.postgres, "data", "PG_VERSION"))) throw storeGone(installation, instance);
}

/** Refuses a store that never knew this installation. */
export function assertSameStore(installation: Installation, known: string | undefined): void {
  const instance = markedInstance(installation);
  if (instance !== undefined && instance !== known) throw storeGone(installation, instance);
}

function storeGone(installation: Installation, instance: string) {
  const { fleet, postgres } = installation;
  const lost = "with it all generated passwords, revisions and history; tenants' databases and files are still in their volumes";
  return failure(
    "BAL-S007",
    fleet,
    `the store of instance ${instance} is not in ${postgres}, nor where BALLAST_DATABASE_URL leads: ${lost}`,
    {
      hint: `put its copy back and start again. To begin anew beside what is there: rm ${markFile(installation)}`,
    },
  );
}
