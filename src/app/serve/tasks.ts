import { toldOnce } from "./told-once.ts";

/** What is under way, by name. */
export interface Tasks {
  /** Begins work, unless one of its name is under way. */
  begin(name: string, work: () => Promise<void>): void;
  /** Whether one of this name is under way; asks to be called again after it. */
  isBusy(name: string): boolean;
  has(name: string): boolean;
  /** Forgets what was told about work whose name ends so. */
  forget(end: string): void;
  settled(): Promise<void>;
}

/** One piece of work of a name at a time. What fails is told, once for as long as it fails the same. */
export function createTasks(fault: (error: unknown) => void, again: () => void): Tasks {
  const running = new Map<string, Promise<void>>();
  const missed = new Set<string>();
  const tellers = new Map<string, ReturnType<typeof toldOnce>>();
  return {
    isBusy(name) {
      if (!running.has(name)) return false;
      missed.add(name);
      return true;
    },
    has: (name) => running.has(name),
    begin(name, work) {
      if (running.has(name)) return;
      const teller = tellers.get(name) ?? toldOnce(fault);
      tellers.set(name, teller);
      const task: Promise<void> = work()
        .then(teller.over, teller.fault)
        .finally(() => {
          running.delete(name);
          if (missed.delete(name)) again();
        });
      running.set(name, task);
    },
    forget(end) {
      for (const name of tellers.keys()) if (name.endsWith(end)) tellers.delete(name);
    },
    async settled() {
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}
