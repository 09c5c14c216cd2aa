import { type StackId, stackOf } from "../../src/domain/stack/node.ts";
import type { Engine } from "../../src/engines/engine.ts";

/** Stacks that hang: what is asked of them is not answered before they are let go, whatever signal says to stop. */
export interface Hanging {
  readonly observe: Set<StackId>;
  readonly apply: Set<StackId>;
  /** How often each stack was asked. */
  readonly asked: Map<string, number>;
  /** What every change fails with, where it does. */
  refuses: Error | undefined;
  /** Lets everything go that hangs. */
  release(): void;
  readonly around: (engine: Engine) => Engine;
}

export function hangingEngine(): Hanging {
  let gate = Promise.withResolvers<void>();
  const observe = new Set<StackId>();
  const apply = new Set<StackId>();
  const asked = new Map<string, number>();
  async function held(verb: "observe" | "apply", stack: StackId): Promise<void> {
    asked.set(`${verb} ${stack}`, (asked.get(`${verb} ${stack}`) ?? 0) + 1);
    if ((verb === "observe" ? observe : apply).has(stack)) await gate.promise;
  }
  const hanging: Hanging = {
    refuses: undefined,
    observe,
    apply,
    asked,
    release() {
      observe.clear();
      apply.clear();
      gate.resolve();
      gate = Promise.withResolvers();
    },
    around: (engine) => ({
      ...engine,
      async observe(stack) {
        await held("observe", stack.id);
        return await engine.observe(stack);
      },
      survey: (stacks) =>
        stacks.map(async (stack) => {
          await held("observe", stack.id);
          return await engine.observe(stack);
        }),
      async apply(change, context) {
        await held("apply", stackOf(change.node));
        if (hanging.refuses !== undefined) throw hanging.refuses;
        return await engine.apply(change, context);
      },
    }),
  };
  return hanging;
}
