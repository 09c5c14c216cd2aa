import { expect, test } from "vitest";
import type { GuardObservation } from "../../engines/engine.ts";
import { watchEgress } from "./watch-egress.ts";

const NOW = Date.parse("2026-11-27T10:00:00Z");
const closed: GuardObservation = {
  walls: { state: "closed" },
  repaired: [],
  refusals: [],
  counts: [{ key: "br-1 machine", stack: "acme/production", target: "this machine", packets: 0 }],
};

/** As PostgreSQL keeps it: members in an order of its own. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).toSorted(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, reordered(member)]));
}

function subject(seen: GuardObservation) {
  const settings = new Map<string, unknown>();
  const written: string[] = [];
  const entries: string[] = [];
  const parts = {
    engine: { guard: async () => seen },
    store: {
      setting: async (name: string) => settings.get(name),
      writeDown: async (told: readonly { act: string; reasons: readonly string[] }[], kept?: { key: string; value: unknown }) => {
        entries.push(...told.map(({ act, reasons }) => `${act} ${reasons.join()}`));
        if (kept === undefined) return;
        written.push(kept.key);
        settings.set(kept.key, reordered(kept.value));
      },
    },
    now: () => NOW,
  } as unknown as Parameters<typeof watchEgress>[0];
  return { parts, written, entries };
}

test("a look that sees what the one before saw writes nothing, in whatever order the store gives it back", async () => {
  const { parts, written } = subject(closed);
  for (let look = 0; look < 3; look++) await watchEgress(parts, []);
  expect(written).toEqual(["ways-out"]);
});

test("what a look sees otherwise than before is written", async () => {
  const { parts, written } = subject(closed);
  await watchEgress(parts, []);
  const unknown = { ...closed, walls: { state: "unknown", because: "no answer" } } as const;
  await watchEgress({ ...parts, engine: { ...parts.engine, guard: async () => unknown } }, []);
  expect(written).toEqual(["ways-out", "ways-out"]);
});

test("what was put right is told, also by a look that could not see the rest", async () => {
  const { parts, entries } = subject(closed);
  await watchEgress(parts, []);
  const half = { ...closed, walls: { state: "unknown", because: "no answer" }, repaired: ["the table is missing"] } as const;
  await watchEgress({ ...parts, engine: { ...parts.engine, guard: async () => half } }, []);
  expect(entries).toEqual([
    "firewall.repaired rules of this machine's firewall were missing or others, and were put right: the table is missing",
  ]);
});
