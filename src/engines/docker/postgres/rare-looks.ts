import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import type { Ending } from "../../../domain/stack/shared-session.ts";
import { bounded, MESSAGE } from "../../../kernel/foreign-text.ts";
import { fillersOfMembers, keepersOfNumbers } from "./shared-servers.ts";

/** What fills within hours, and not in a second, is looked at less often. */
const EVERY_MS = 45_000;
/** A server that is recreated, or starts, is missed a few times, and that is no news. */
export const MISSES = 5;

/** One thing that all who use a server fill together; who is ended for it. */
export interface RareLook {
  /** In words, for whoever reads that it cannot be looked at. */
  readonly of: string;
  find(session: ServerSession, superusers: ReadonlySet<string>): Promise<readonly Ending[]>;
}

export const RARE_LOOKS: readonly RareLook[] = [
  { of: "numbers of transactions that a database keeps", find: keepersOfNumbers },
  { of: "members of locks of rows", find: fillersOfMembers },
];

interface Memory {
  readonly dueAt: number;
  readonly missed: number;
  readonly because: string;
}

const NEVER: Memory = { dueAt: Number.NEGATIVE_INFINITY, missed: 0, because: "" };

/** The rare looks at one server, each by itself: one that fails keeps neither the others from looking, nor what they found from being ended. */
export class RareLooks {
  readonly #looks: readonly RareLook[];
  readonly #memories = new Map<RareLook, Memory>();

  constructor(looks: readonly RareLook[] = RARE_LOOKS) {
    this.#looks = looks;
  }

  /** Takes those that are due. @param now in milliseconds, of a clock that nobody puts back. */
  async find(session: ServerSession, superusers: ReadonlySet<string>, now: number): Promise<readonly Ending[]> {
    const found: Ending[] = [];
    for (const look of this.#looks) {
      const before = this.#memories.get(look) ?? NEVER;
      if (now < before.dueAt) continue;
      try {
        const endings = await look.find(session, superusers);
        found.push(...endings);
        // Whoever fills it comes again at once: then the next look asks again.
        this.#memories.set(look, { ...NEVER, dueAt: endings.length === 0 ? now + EVERY_MS : now });
      } catch (error) {
        this.#memories.set(look, afterFault(before, error, now));
      }
    }
    return found;
  }

  /** What could not be looked at again and again, each in a sentence. */
  blind(): readonly string[] {
    return [...this.#memories].filter(([, { missed }]) => missed >= MISSES).map(([{ of }, { because }]) => `${of}: ${because}`);
  }
}

/** Sessions that fill the table of locks are ended for that, so this passes. Anything else is counted, and what stays is asked for as seldom as ever. */
function afterFault(before: Memory, error: unknown, now: number): Memory {
  if (isOutOfLocks(error)) return { ...before, dueAt: now };
  const missed = before.missed + 1;
  const because = bounded(error instanceof Error ? error.message : String(error), MESSAGE);
  return { dueAt: missed < MISSES ? now : now + EVERY_MS, missed, because };
}

/** SQLSTATE 53200 is any want of memory; only the table of locks is shared. */
function isOutOfLocks(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return code === "53200" && message?.includes("out of shared memory") === true;
}
