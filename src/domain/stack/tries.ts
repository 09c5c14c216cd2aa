import type { Instant } from "../../kernel/instant.ts";
import type { StackId } from "./node.ts";

/** Who was denied egress to whom past what is declared, and did not. */
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
export interface AttemptObservation {
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
/** So many targets of a stack are named: in a look, in what is kept, and in the ledger in an hour. Whoever tries chooses the targets, so the rest is counted. */
const MOST_NAMED = 20;
const FURTHER = "further targets";
const SEVERAL = "several";

/** What is new since the last look, and which of it the ledger is told: one line an environment, target and hour, however often it was tried. */
export function weighTries(
  memory: TryMemory,
  observation: AttemptObservation,
  now: Instant,
): { readonly memory: TryMemory; readonly tell: readonly Tried[] } {
  const fresh = named(merged([...refused(observation, now), ...counted(memory, observation, now)]), byTimes);
  const hour = Math.floor(now / HOUR);
  const stillTold = Object.entries(memory.told).filter(([, told]) => told === hour);
  const tell = telling(
    fresh,
    stillTold.map(([key]) => key),
  );
  return {
    memory: {
      since: observation.refusals.reduce((latest, one) => Math.max(latest, Math.min(one.at, now)), memory.since),
      counters: Object.fromEntries(observation.counts.map(({ key, packets }) => [key, packets])),
      under: Object.fromEntries(observation.counts.flatMap(({ key, under }) => (under === undefined ? [] : [[key, under]]))),
      tried: recent(merged([...memory.tried, ...fresh]), now),
      told: { ...Object.fromEntries(stillTold), ...Object.fromEntries(tell.map((one) => [keyOf(one), hour])) },
    },
    tell,
  };
}

function keyOf({ stack, target }: Tried): string {
  return `${stack} ${target}`;
}

/** Of each stack the first in an order by name, all others as one. */
function named(all: readonly Tried[], order: (a: Tried, b: Tried) => number): readonly Tried[] {
  return [...Map.groupBy(all, (one) => one.stack).values()].flatMap((own) => {
    const sorted = own.filter((one) => one.target !== FURTHER).toSorted(order);
    const rest = [...sorted.slice(MOST_NAMED), ...own.filter((one) => one.target === FURTHER)];
    return [...sorted.slice(0, MOST_NAMED), ...together(rest)];
  });
}

function together(rest: readonly Tried[]): readonly Tried[] {
  const [first] = rest;
  if (first === undefined) return [];
  const source = rest.every((one) => one.source === first.source) ? first.source : SEVERAL;
  return [{ ...first, source, target: FURTHER, times: timesOf(rest), lastAt: lastOf(rest) }];
}

/** What the ledger does not know yet of this hour; when it has named many targets of a stack, one line says that there are more. */
function telling(fresh: readonly Tried[], told: readonly string[]): readonly Tried[] {
  const known = new Set(told);
  return [...Map.groupBy(fresh, (one) => one.stack)].flatMap(([stack, own]) => {
    const before = told.filter((key) => key.startsWith(`${stack} `) && key !== `${stack} ${FURTHER}`).length;
    const unknown = own.filter((one, index) => !known.has(keyOf(one)) && own.findIndex((other) => keyOf(other) === keyOf(one)) === index);
    const candidates = unknown.filter((one) => one.target !== FURTHER);
    const room = Math.max(0, MOST_NAMED - before);
    const rest = together([...candidates.slice(room), ...unknown.filter((one) => one.target === FURTHER)]);
    return [...candidates.slice(0, room), ...rest.filter((one) => !known.has(keyOf(one)))];
  });
}

/** A proxy's clock is this machine's: what it says of the future is not believed, or it would hide what comes until then. */
function refused({ refusals }: AttemptObservation, now: Instant): readonly Tried[] {
  return refusals.map(({ stack, source, target, at }) => ({ stack, source, target, times: 1, lastAt: Math.min(at, now) }));
}

/** A counter that is smaller than it was started over. */
function counted({ counters, under: known }: TryMemory, { counts }: AttemptObservation, now: Instant): readonly Tried[] {
  return counts.flatMap(({ key, stack, source, target, packets, under }) => {
    if ((known?.[key] ?? under) !== under) return [];
    const before = counters[key] ?? 0;
    const times = packets < before ? packets : packets - before;
    return times === 0 ? [] : [{ stack, source, target, times, lastAt: now }];
  });
}

function merged(all: readonly Tried[]): readonly Tried[] {
  const groups = Map.groupBy(all, ({ stack, source, target }) => JSON.stringify([stack, source, target]));
  return [...groups.values()].map((same) => ({ ...(same[0] as Tried), times: timesOf(same), lastAt: lastOf(same) }));
}

function timesOf(all: readonly Tried[]): number {
  return all.reduce((sum, one) => sum + one.times, 0);
}

function lastOf(all: readonly Tried[]): Instant {
  return all.reduce((latest, one) => Math.max(latest, one.lastAt), 0);
}

function byTimes(a: Tried, b: Tried): number {
  return b.times - a.times || byRecency(a, b);
}

function byRecency(a: Tried, b: Tried): number {
  return b.lastAt - a.lastAt || (keyOf(a) < keyOf(b) ? -1 : 1);
}

function recent(all: readonly Tried[], now: Instant): readonly Tried[] {
  return named(
    all.filter((one) => now - one.lastAt < KEPT_MS),
    byRecency,
  );
}

/** For people: `odoo tried undeclared.example:443, 3 times`. */
export function describeTry({ source, target, times }: Tried): string {
  return `${source} was denied egress to ${target}, ${times} ${times === 1 ? "time" : "times"}`;
}
