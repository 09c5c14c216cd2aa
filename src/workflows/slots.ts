export interface Slots {
  /** Runs work once a slot is free; who waited longest is first. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * So many pieces of work at once. One that takes longer than its patience goes on without its slot: what hangs must not keep the others from their turn.
 */
export function createSlots(count: number, patienceMs: number): Slots {
  const waiting: (() => void)[] = [];
  let free = count;
  function release(): void {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  }
  async function take(): Promise<void> {
    if (free > 0) {
      free -= 1;
      return;
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
  return {
    async run(work) {
      await take();
      let held = true;
      const giveBack = () => {
        if (held) release();
        held = false;
      };
      const timer = setTimeout(giveBack, patienceMs).unref();
      try {
        return await work();
      } finally {
        clearTimeout(timer);
        giveBack();
      }
    },
  };
}
