/** What somebody who follows an operation waits for. */
export interface Following {
  /** Resolves when something of the operation was written down since the last call, and after that time in any case. */
  next(atMostMs: number): Promise<void>;
  end(): void;
}

export interface News {
  tell(operation: string): void;
  follow(operation: string): Following;
}

/** Tells those who follow an operation in this process that something of it was written down, instead of having them ask all the time. What others write they find by asking. */
export function createNews(): News {
  const followers = new Map<string, Set<() => void>>();
  return {
    tell(operation) {
      for (const wake of followers.get(operation) ?? []) wake();
    },
    follow(operation) {
      let isNew = false;
      let waiting: (() => void) | undefined;
      function wake(): void {
        isNew = true;
        waiting?.();
      }
      const all = followers.get(operation) ?? new Set();
      followers.set(operation, all.add(wake));
      return {
        async next(atMostMs) {
          let timer: NodeJS.Timeout | undefined;
          if (!isNew) {
            await new Promise<void>((resolve) => {
              waiting = resolve;
              timer = setTimeout(resolve, atMostMs);
            });
          }
          clearTimeout(timer);
          waiting = undefined;
          isNew = false;
        },
        end() {
          if (all.delete(wake) && all.size === 0) followers.delete(operation);
        },
      };
    },
  };
}
