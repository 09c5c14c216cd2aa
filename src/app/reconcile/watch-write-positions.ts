import type { Store } from "../../adapters/store/store.ts";
import type { LedgerEntry } from "../../domain/ledger/entry.ts";
import { stackOf } from "../../domain/stack/node.ts";
import { comparePositions, type KeptPosition, type WentBack } from "../../domain/stack/write-position.ts";
import type { Engine } from "../../engines/engine.ts";
import type { Instant } from "../../kernel/instant.ts";
import { repeat } from "./repeat.ts";

const SETTING = "write-positions";
/** What was written since the last look, and is gone, goes unnoticed: seldom enough to cost nothing, often enough for a copy of yesterday. */
const LOOK_EVERY_MS = 60_000;
/** A step back is shown for a week, since a long weekend may lie between it and whoever looks. */
const SHOWN_MS = 7 * 86_400_000;
const MOST_SHOWN = 20;

interface Kept {
  readonly positions: readonly KeptPosition[];
  readonly back: readonly (WentBack & { readonly at: Instant })[];
}

export interface PositionWatchParts {
  readonly engine: Pick<Engine, "positions">;
  readonly store: Pick<Store, "setting" | "writeDown">;
  readonly now: () => Instant;
  readonly fault: (error: unknown) => void;
}

/** One look at how far each server has written. An older copy of its data, put in their place, reads as what it is: it goes on from an earlier moment. */
export async function watchWritePositions({ engine, store, now }: Omit<PositionWatchParts, "fault">): Promise<void> {
  const seen = await engine.positions?.();
  if (seen === undefined) return;
  const at = now();
  const before = await kept(store);
  const { next, back } = comparePositions(before.positions, seen, at);
  const shown = before.back.filter((one) => at - one.at < SHOWN_MS);
  const value: Kept = { positions: next, back: [...back.map((one) => ({ ...one, at })), ...shown].slice(0, MOST_SHOWN) };
  await store.writeDown(back.map(entryOf), { key: SETTING, value: value as never }, new Date(at));
}

function entryOf(one: WentBack): LedgerEntry {
  const evidence = { server: one.server, bytes: one.bytes };
  return { actor: "write-positions", act: "data.older", subject: stackOf(one.server), reasons: [words(one)], evidence };
}

function words({ from, bytes }: WentBack): string {
  return `its data are older than what was there at ${new Date(from).toISOString().slice(0, 16)}Z: at least ${bytes} bytes of its log are gone, and with them what was written then in every database of it`;
}

async function kept(store: Pick<Store, "setting">): Promise<Kept> {
  return ((await store.setting<never>(SETTING)) as Kept | undefined) ?? { positions: [], back: [] };
}

/** What `status` says of it. */
export async function positionNotes({ store, now }: { store: Pick<Store, "setting">; now: () => Instant }): Promise<readonly string[]> {
  const { back } = await kept(store);
  return back
    .filter((one) => now() - one.at < SHOWN_MS)
    .map((one) => `${one.server}: ${words(one)}. Where nobody restored it on purpose, stop it and put its own data back`);
}

/** After the start of a control plane, which has more to do than this. */
const FIRST_MS = 10_000;

/** Looks for as long as this process lives. */
export function startPositionWatch(parts: PositionWatchParts): { stop(): Promise<void> } {
  return repeat(() => watchWritePositions(parts), { pause: (took) => (took === undefined ? FIRST_MS : LOOK_EVERY_MS), fault: parts.fault });
}
