/** How much is read at once, and for how long what was read is used. */
export interface ReadingBounds {
  readonly atOnce: number;
  /** What is older is read again. */
  readonly againMs: number;
  /** A reading that has not ended by then gives its place to others, and says nothing. */
  readonly atMostMs: number;
  /** What nobody asked for in that time is forgotten. */
  readonly forgetMs: number;
}

/** What is read beside the looks that ask for it. */
export interface Readings<T> {
  /** What was read last under a key; has it read, in its turn, where that is missing or old. */
  ask(key: string, now: number, read: (before: T | undefined) => Promise<T>): T | undefined;
  /** How many keys are known or wait. */
  size(): number;
}

interface Kept<T> {
  askedAt: number;
  readAt?: number;
  value?: T;
}

/** Reads what is asked for a few at a time, who asked first coming first, each key once at a time. */
export function createReadings<T>({ atOnce, againMs, atMostMs, forgetMs }: ReadingBounds): Readings<T> {
  const kept = new Map<string, Kept<T>>();
  const waiting = new Map<string, () => Promise<T>>();
  const reading = new Set<string>();

  function next(): void {
    for (const [key, read] of waiting) {
      if (reading.size >= atOnce) return;
      waiting.delete(key);
      reading.add(key);
      const over = () => {
        reading.delete(key);
        next();
      };
      within(read(), atMostMs).then((value) => {
        const one = kept.get(key);
        if (one !== undefined) Object.assign(one, { readAt: one.askedAt, ...(value === undefined ? {} : { value }) });
        over();
      }, over);
    }
  }

  function forget(now: number): void {
    for (const [key, { askedAt }] of kept) {
      if (now - askedAt < forgetMs || reading.has(key)) continue;
      kept.delete(key);
      waiting.delete(key);
    }
  }

  return {
    ask(key, now, read) {
      forget(now);
      const one: Kept<T> = kept.get(key) ?? { askedAt: now };
      one.askedAt = now;
      kept.set(key, one);
      const isOld = one.readAt === undefined || now - one.readAt >= againMs || now < one.readAt;
      if (isOld && !reading.has(key) && !waiting.has(key)) {
        waiting.set(key, () => read(one.value));
        next();
      }
      return one.value;
    },
    size: () => kept.size,
  };
}

/** What work comes to; undefined where it fails or takes too long. */
async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms).unref();
  });
  return await Promise.race([work.catch(() => undefined), late]).finally(() => clearTimeout(timer));
}
