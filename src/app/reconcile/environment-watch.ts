import type { Store } from "../../adapters/store/store.ts";
import { judgePage, PAGE_EVERY_MS, type PageVerdict } from "../../domain/health/page.ts";
import type { EnvironmentHealth } from "../../domain/health/verdict.ts";
import type { LedgerEntry } from "../../domain/ledger/entry.ts";
import { entryOf } from "../../domain/stack/entry.ts";
import type { Stack, StackId } from "../../domain/stack/node.ts";
import type { Engine } from "../../engines/engine.ts";
import { isSameJson } from "../../kernel/canonical.ts";
import type { Instant } from "../../kernel/instant.ts";
import { repeat } from "./repeat.ts";

export interface EnvironmentWatchParts {
  readonly engine: Pick<Engine, "page" | "undoneWork">;
  readonly store: Pick<Store, "setting" | "writeDown">;
  /** The stacks that are meant to serve now. */
  readonly stacks: () => Promise<readonly Stack[]>;
  readonly now: () => Instant;
  readonly fault: (error: unknown) => void;
}

export interface EnvironmentWatch {
  /** As it is now: asked for, or told to somebody some seconds ago. */
  of(stack: Stack, stacks: readonly Stack[]): Promise<EnvironmentHealth>;
  stop(): Promise<void>;
}

/** From the beginning of a look to that of the next; five seconds of the half minute are left for what comes between. */
const LOOK_EVERY_MS = PAGE_EVERY_MS - 5000;
const LEAST_PAUSE_MS = 1000;
/** What a person is shown is younger than this. */
const SHOWN_MS = 5_000;
/** A page that does not come takes ten seconds: with a pool of sixty whose server is silent, all are asked within the half minute. */
const AT_ONCE = 64;
const WORK_MS = 10_000;
/** A page is called lost, or back, once it was seen so twice in a row. */
const SURE_AFTER = 2;

interface Seen extends EnvironmentHealth {
  readonly at: Instant;
}

/** Stack → what the ledger says of its page last, where that is not that it is answered. Kept, so that the next process tells when it is back. */
type Lost = Readonly<Record<StackId, string>>;
const SETTING = "lost-pages";

/** How often in a row a page was seen otherwise than the ledger says. */
type Otherwise = Map<StackId, number>;

/** Looks at environments, remembers what it saw for a moment, and writes down when a page is lost and when it is back. */
export function createEnvironmentLook(
  parts: EnvironmentWatchParts,
): Pick<EnvironmentWatch, "of"> & { all(signal?: AbortSignal): Promise<void> } {
  const seen = new Map<StackId, Seen>();
  const otherwise: Otherwise = new Map();
  async function look(stack: Stack, stacks: readonly Stack[]): Promise<EnvironmentHealth> {
    const health = await lookAt(parts, stack, stacks);
    seen.set(stack.id, { ...health, at: parts.now() });
    return health;
  }
  return {
    async of(stack, stacks) {
      const last = seen.get(stack.id);
      const age = last === undefined ? -1 : parts.now() - last.at;
      // What was amiss may be over: it is asked again.
      const isGood = last?.page === undefined || judgePage(last.page) === undefined;
      return last !== undefined && isGood && age >= 0 && age <= SHOWN_MS ? last : await look(stack, stacks);
    },
    async all(signal) {
      const stacks = await parts.stacks();
      const known = new Set(stacks.map((stack) => stack.id));
      for (const map of [seen, otherwise]) for (const id of map.keys()) if (!known.has(id)) map.delete(id);
      const waiting = [...stacks];
      const pages = new Map<StackId, PageVerdict | undefined>();
      async function next(): Promise<void> {
        for (let stack = waiting.shift(); stack !== undefined && signal?.aborted !== true; stack = waiting.shift()) {
          // What is left undone in its database is read when somebody asks: the ledger tells of pages alone.
          const page = await parts.engine.page?.(stack, entryOf(stack, stacks));
          if (page !== undefined) pages.set(stack.id, judgePage(page));
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, next));
      await writeDown(parts, { pages, otherwise, known });
    },
  };
}

/** Looks at every environment at least each half minute, for as long as this process serves. */
export function startEnvironmentWatch(parts: EnvironmentWatchParts): EnvironmentWatch {
  const look = createEnvironmentLook(parts);
  const pause = (took = 0) => Math.max(LEAST_PAUSE_MS, LOOK_EVERY_MS - took);
  return { of: look.of, ...repeat((signal) => look.all(signal), { pause, fault: parts.fault }) };
}

async function lookAt({ engine }: EnvironmentWatchParts, stack: Stack, stacks: readonly Stack[]): Promise<EnvironmentHealth> {
  const [page, work] = await Promise.all([
    engine.page?.(stack, entryOf(stack, stacks)),
    // A database that is away or full of work is told by its own processes; here it only leaves a question open.
    within(WORK_MS, engine.undoneWork?.(stack)).catch(() => undefined),
  ]);
  return { ...(page === undefined ? {} : { page }), ...(work === undefined ? {} : { work }) };
}

async function within<T>(milliseconds: number, work: Promise<T> | undefined): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds).unref();
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

interface Pages {
  readonly pages: ReadonlyMap<StackId, PageVerdict | undefined>;
  readonly otherwise: Otherwise;
  /** The stacks that are still wanted. */
  readonly known: ReadonlySet<StackId>;
}

/** What could not be seen changes nothing that is known; what was seen so twice in a row is written into the ledger, once. */
async function writeDown({ store, now }: EnvironmentWatchParts, { pages, otherwise, known }: Pages): Promise<void> {
  const lost = ((await store.setting<never>(SETTING)) as Lost | undefined) ?? {};
  const next: Record<StackId, string> = Object.fromEntries(Object.entries(lost).filter(([id]) => known.has(id)));
  const entries: LedgerEntry[] = [];
  for (const [stack, verdict] of pages) {
    const words = wordsOf(verdict);
    if (words === "unknown") continue;
    const times = words === (next[stack] ?? ANSWERED) ? 0 : (otherwise.get(stack) ?? 0) + 1;
    otherwise.set(stack, times % SURE_AFTER);
    if (times < SURE_AFTER) continue;
    const news = verdict === undefined ? BACK : { act: "page.lost", reasons: [verdict.because] };
    entries.push({ actor: "reconciler", subject: stack, evidence: {}, ...news });
    next[stack] = words;
  }
  const kept = Object.fromEntries(Object.entries(next).filter(([, words]) => words !== ANSWERED));
  await store.writeDown(entries, isSameJson(kept, lost) ? undefined : { key: SETTING, value: kept as never }, new Date(now()));
}

const ANSWERED = "answered";

function wordsOf(verdict: PageVerdict | undefined): string {
  return verdict?.state ?? ANSWERED;
}

const BACK = { act: "page.back", reasons: ["a page is answered again"] };
