import { expect, test } from "vitest";
import type { AdmissionSnapshot } from "../../domain/admission/admit.ts";
import { openedWindows } from "./opened-windows.ts";

const OPEN: AdmissionSnapshot = { protectedByCalendar: true, window: { admitsDisruption: true, because: [] }, nameToConfirm: "a" };
const CLOSED: AdmissionSnapshot = {
  ...OPEN,
  window: { admitsDisruption: false, because: ["outside maintenance until Sun 02:00 CET"] },
};

function fleet(snapshots: Readonly<Record<string, AdmissionSnapshot>>) {
  const stacks = new Map(Object.keys(snapshots).map((id) => [id, { role: id.startsWith("pool/") ? "pool" : "environment" } as const]));
  return { stacks, snapshotWith: async (_: object, stack: string) => snapshots[stack] ?? OPEN };
}

test("a production that only the files at hand open now is noted; one that stays closed, was open, or is new is not", async () => {
  const before = fleet({ "a/production": CLOSED, "b/production": CLOSED, "c/production": OPEN, "pool/p": CLOSED });
  const after = fleet({ "a/production": OPEN, "b/production": CLOSED, "c/production": OPEN, "d/production": OPEN, "pool/p": OPEN });
  expect(await openedWindows(before, after, 0)).toEqual([
    "a/production: these files open its window now (in force: outside maintenance until Sun 02:00 CET): what closes it is done at once",
  ]);
  expect(await openedWindows(undefined, after, 0)).toEqual([]);
});
