import type { Stack, StackId } from "../../domain/stack/node.ts";
import type { Instant } from "../../kernel/instant.ts";
import type { Revision } from "./revisions.ts";

type Judging = Pick<Revision, "snapshotWith"> & { readonly stacks: ReadonlyMap<StackId, Pick<Stack, "role">> };

/**
 * Notes of productions that are closed to disruptive changes by what is in force, and opened by the files at hand: by another calendar, or other windows. They
 * are judged by the files, as everything is; who reads the plan must see it.
 */
export async function openedWindows(before: Judging | undefined, after: Judging, now: Instant): Promise<readonly string[]> {
  if (before === undefined) return [];
  const notes: string[] = [];
  for (const [id, { role }] of after.stacks) {
    if (role !== "environment" || !before.stacks.has(id)) continue;
    const [was, is] = [await before.snapshotWith({}, id, now), await after.snapshotWith({}, id, now)];
    const closed = was.protectedByCalendar && was.window?.admitsDisruption === false;
    if (!closed || (is.protectedByCalendar && is.window?.admitsDisruption === false)) continue;
    notes.push(`${id}: these files open its window now (in force: ${was.window?.because.join("; ")}): what closes it is done at once`);
  }
  return notes;
}
