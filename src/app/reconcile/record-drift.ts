import type { Store } from "../../adapters/store/store.ts";
import type { Drift } from "../../domain/stack/drift.ts";
import type { StackId } from "../../domain/stack/node.ts";
import { type Counts, countOnceMore, isNews, NO_COUNTS, timesOf } from "../../domain/stack/repeated-repairs.ts";
import type { Instant } from "../../kernel/instant.ts";
import type { Move } from "../../workflows/reconcile/decide.ts";

/** What is remembered of the drift of one stack between two looks. */
export interface ToldDrift {
  readonly said: string;
  /** How often each thing came within a day, and what is there now. */
  readonly seen: Counts;
  readonly there: readonly Drift[];
  /** Whether the ledger was told of what is there. */
  readonly told: boolean;
}

export const NOTHING_TOLD: ToldDrift = { said: "", seen: NO_COUNTS, there: [], told: false };

interface Found {
  readonly actor: string;
  readonly stack: StackId;
  readonly drift: readonly Drift[];
  readonly move: Move;
}

interface Parts {
  readonly store: Pick<Store, "appendLedger">;
  readonly now: () => Instant;
}

/** Writes down what is new, once: drift that came, and drift that went. What comes again and again is told each time that it came twice as often. */
export async function recordDrift({ store, now }: Parts, found: Found, before: ToldDrift): Promise<ToldDrift> {
  const there = found.drift.filter((one) => one.kind !== "pending");
  const words = there.map((one) => `${one.node} ${one.says}`);
  const said = words.join("; ");
  if (said === before.said) return before;
  const at = now();
  const after = said === "" ? { ...before, said, there } : { said, there, ...counted(before, there, at) };
  if (!after.told) return after;
  const times = timesOf(after.seen, there, at);
  const answer = found.move.move === "rest" ? "waits" : found.move.move;
  const why = found.move.move === "rest" ? [] : [`${answer}: ${found.move.because}`];
  const reasons = said === "" ? [`no longer: ${before.said}`] : [...words, ...(times > 1 ? [`${times} times in a day`] : []), ...why];
  const act = said === "" ? "drift.gone" : "drift.seen";
  const evidence = { nodes: there.length, answer };
  await store.appendLedger({ actor: found.actor, act, subject: found.stack, reasons, evidence }, new Date(at));
  return after;
}

function counted(before: ToldDrift, there: readonly Drift[], at: Instant): Pick<ToldDrift, "seen" | "told"> {
  const came = there.filter((one) => !before.there.some((other) => other.node === one.node && other.says === one.says));
  const seen = countOnceMore(before.seen, came, at);
  return { seen, told: isNews(before.seen, seen, came, at) };
}
