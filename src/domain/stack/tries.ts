import type { Instant } from "../../kernel/instant.ts";
import type { StackId } from "./node.ts";

/** Who tried to reach whom past what is declared, and did not. */
export interface Tried {
  readonly stack: StackId;
  /** The name of a node, or of its stack where no more is known. */
  readonly source: string;
  readonly target: string;
  /** Requests to a proxy, or packets. */
  readonly times: number;
  readonly lastAt: Instant;
}

/** What is kept between two looks. */
export interface TryMemory {
  /** The last refusal of a proxy that was seen. */
  readonly since: Instant;
  readonly counters: Readonly<Record<string, number>>;
  /** Under which circumstances a counter was read last, of those that say it. */
  readonly under?: Readonly<Record<string, string>>;
  readonly tried: readonly Tried[];
  /** Environment and target → the hour in which the ledger was last told. */
  readonly told: Readonly<Record<string, number>>;
}

/** What one look brought: refusals by a proxy one by one, and counters that only grow. */
export interface TrySight {
  readonly refusals: readonly { readonly stack: StackId; readonly source: string; readonly target: string; readonly at: Instant }[];
  readonly counts: readonly {
    readonly key: string;
    readonly stack: StackId;
    readonly source: string;
    readonly target: string;
    readonly packets: number;
    /** What it grew by while this changed means nothing: a container that is cut from its network, or joins one, loses packets of its own. */
    readonly under?: string;
  }[];
}

export const NO_TRIES: TryMemory = { since: 0, counters: {}, tried: [], told: {} };

const HOUR = 3_600_000;
/** What is older is in the ledger alone. */
const KEPT_MS = 7 * 24 * HOUR;
const MOST_A_STACK = 20;

/** What is new since the last look, and which of it the ledger is told: one line an environment, target and hour, however often it was tried. */
export function weighTries(
  memory: TryMemory,
  sight: TrySight,
  now: Instant,
): { readonly memory: TryMemory; readonly tell: readonly Tried[] } {
  const fresh = merged([...refused(sight), ...counted(memory, sight, now)]);
  const hour = Math.floor(now / HOUR);
  const tell = fresh.filter((one, index) => {
    const first = fresh.findIndex((other) => keyOf(other) === keyOf(one)) === index;
    return first && memory.told[keyOf(one)] !== hour;
  });
  const stillTold = Object.entries(memory.told).filter(([, told]) => told === hour);
  return {
    memory: {
      since: Math.max(memory.since, ...sight.refusals.map((one) => one.at)),
      counters: Object.fromEntries(sight.counts.map(({ key, packets }) => [key, packets])),
      under: Object.fromEntries(sight.counts.flatMap(({ key, under }) => (under === undefined ? [] : [[key, under]]))),
      tried: recent(merged([...memory.tried, ...fresh]), now),
      told: { ...Object.fromEntries(stillTold), ...Object.fromEntries(tell.map((one) => [keyOf(one), hour])) },
    },
    tell,
  };
}

function keyOf({ stack, target }: Tried): string {
  return `${stack} ${target}`;
}

function refused({ refusals }: TrySight): readonly Tried[] {
  return refusals.map(({ stack, source, target, at }) => ({ stack, source, target, times: 1, lastAt: at }));
}

/** A counter that is smaller than it was began anew. */
function counted({ counters, under: known }: TryMemory, { counts }: TrySight, now: Instant): readonly Tried[] {
  return counts.flatMap(({ key, stack, source, target, packets, under }) => {
    if ((known?.[key] ?? under) !== under) return [];
    const before = counters[key] ?? 0;
    const times = packets < before ? packets : packets - before;
    return times === 0 ? [] : [{ stack, source, target, times, lastAt: now }];
  });
}

function merged(all: readonly Tried[]): readonly Tried[] {
  const groups = Map.groupBy(all, ({ stack, source, target }) => JSON.stringify([stack, source, target]));
  return [...groups.values()].map((same) => ({
    ...(same[0] as Tried),
    times: same.reduce((sum, one) => sum + one.times, 0),
    lastAt: Math.max(...same.map((one) => one.lastAt)),
  }));
}

function recent(all: readonly Tried[], now: Instant): readonly Tried[] {
  const young = all.filter((one) => now - one.lastAt < KEPT_MS).toSorted((a, b) => b.lastAt - a.lastAt || (keyOf(a) < keyOf(b) ? -1 : 1));
  return [...Map.groupBy(young, (one) => one.stack).values()].flatMap((own) => own.slice(0, MOST_A_STACK));
}

/** For people: `odoo tried undeclared.example:443, 3 times`. */
export function describeTry({ source, target, times }: Tried): string {
  return `${source} tried to reach ${target}, ${times} ${times === 1 ? "time" : "times"}`;
}
