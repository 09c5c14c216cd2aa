import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { createRevisions, type Revision, type Revisions } from "./revisions.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");
const CLOSED = Date.parse("2026-11-22T12:00:00Z");
const ALL_DAY = (text: string) => text.replace(/maintenance: .+/, 'maintenance: [{ days: [sun], from: "00:00", to: "24:00" }]');
const RENAMED: Readonly<Record<string, (text: string) => string>> = {
  "pool/everyone": (text) => text.replaceAll(/(name|pool): everyone/g, "$1: all"),
  "platform/here": (text) => text.replace("name: here", "name: there"),
};

let revisions: Revisions;

beforeEach(() => {
  const kept = new Map<string, readonly { path: string; text: string }[]>();
  revisions = createRevisions({
    store: {
      async keepRevision(files) {
        kept.set(String(kept.size), files);
        return String(kept.size - 1);
      },
      revisionFiles: async (hash) => kept.get(hash) as never,
      setting: async () => undefined,
    },
    contextFor: async () => ({ images: {}, ingress: { address: "127.0.0.1", port: 8443 }, certificateGeneration: 1 }),
    now: () => CLOSED,
  });
});

const of = (text: string) => revisions.of([{ path: "fleet.yaml", text }]);
const closed = async (after: Revision, stack: string, leaving: readonly string[], hash: string) => {
  const closing = Object.fromEntries(leaving.map((one) => [one, hash]));
  const { protectedByCalendar, window } = await after.snapshotWith(closing, stack, CLOSED);
  return protectedByCalendar ? [window?.admitsDisruption, window?.nextOpenText] : "nobody";
};

test.each(Object.entries(RENAMED))(
  "%s that goes while its production stays declared is protected by the calendar that was in force",
  async (stack, renamed) => {
    const before = await of(HELLO);
    const after = await of(ALL_DAY(renamed(HELLO)));
    expect(after.stacks.has(stack)).toBe(false);
    expect(await closed(after, stack, [stack], before.hash)).toEqual([false, "Sat 02:00 CET"]);
    // Under another name at once.
    const nova = await of(ALL_DAY(renamed(HELLO)).replace("name: acme", "name: nova, renamedFrom: acme"));
    expect(await closed(nova, stack, [stack], before.hash)).toEqual([false, "Sat 02:00 CET"]);
  },
);

test.each(Object.entries(RENAMED))("%s that outlives its tenants is protected until the last of them is closed", async (stack, renamed) => {
  const before = await of(HELLO);
  const after = await of(renamed(HELLO.slice(0, HELLO.lastIndexOf("---\n"))));
  expect(await closed(after, stack, [stack, "acme/production"], before.hash)).toEqual([false, "Sat 02:00 CET"]);
  expect(await closed(after, stack, [stack], before.hash)).toBe("nobody");
});

test("what is declared goes with the fleet's name alone; a copy that was left, and what nobody declares any more, with its own or the fleet's", async () => {
  const revision = await of(HELLO);
  const names = async (stack: string) => {
    const { nameToConfirm, alsoConfirmedBy } = await revision.snapshotWith({}, stack, CLOSED);
    return [nameToConfirm, alsoConfirmedBy];
  };
  expect(await names("acme/production")).toEqual(["hello", undefined]);
  expect(await names("acme/production~journey")).toEqual(["acme/production~journey", "hello"]);
  expect(await names("gone/production")).toEqual(["gone", "hello"]);
});
