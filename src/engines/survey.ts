import type { Stack, StackId } from "../domain/stack/node.ts";
import type { Observation } from "../domain/stack/observation.ts";
import { failure } from "../kernel/problem.ts";
import type { Engine } from "./engine.ts";

/** What a look needs of an engine. */
export type LookingEngine = Pick<Engine, "observe" | "survey">;

/** How long one stack may take to be looked at; what is not known by then is unknown. */
const LOOK_SECONDS = 20;

interface LookBounds {
  readonly seconds?: number;
  /** Told why a look failed; its stack is unknown. */
  readonly fault?: (error: unknown, stack: StackId) => void;
  /** Told that a stack was seen. */
  readonly seen?: (stack: StackId) => void;
}

/** Looks at many stacks and waits for all; a stack that could not be looked at is unknown, and fails nobody's look. */
export async function survey(engine: LookingEngine, stacks: readonly Stack[], bounds: LookBounds = {}): Promise<readonly Observation[]> {
  const answers = ask(engine, stacks);
  return await Promise.all(stacks.map((stack, index) => within(stack, answers[index] as Promise<Observation>, bounds)));
}

/** One question for many stacks where the engine can; the answers are in their order, and each comes by itself. */
function ask(engine: LookingEngine, stacks: readonly Stack[]): readonly Promise<Observation>[] {
  return engine.survey === undefined ? stacks.map((stack) => engine.observe(stack)) : engine.survey(stacks);
}

async function within(
  stack: Stack,
  answer: Promise<Observation>,
  { seconds = LOOK_SECONDS, fault, seen: told }: LookBounds,
): Promise<Observation> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Observation>((resolve) => {
    timer = setTimeout(() => resolve(unknownOf(stack, `could not be looked at within ${seconds} s`)), seconds * 1000);
  });
  const seen = answer.then(
    (observation) => {
      told?.(stack.id);
      return observation;
    },
    (error: unknown) => {
      fault?.(error, stack.id);
      return unknownOf(stack, error instanceof Error ? error.message : String(error));
    },
  );
  return await Promise.race([seen, late]).finally(() => clearTimeout(timer));
}

/** Nothing is known of a stack now. */
function unknownOf(stack: Stack, because: string): Observation {
  const since = Date.now();
  const nodes = new Map(stack.nodes.map((node) => [node.id, { state: "unknown", since, because } as const]));
  return { stack: stack.id, at: since, nodes, unseen: because };
}

/** Looks at one stack and waits for it, bounded as every look. */
export async function lookAt(engine: LookingEngine, stack: Stack): Promise<Observation> {
  return (await survey(engine, [stack]))[0] ?? unknownOf(stack, "nobody looked");
}

/** Looks at one stack of which it must be known what is there: where it cannot be seen, that is said instead. */
export async function seenFor(engine: LookingEngine, stack: Stack): Promise<Observation> {
  const seen = await lookAt(engine, stack);
  if (seen.unseen === undefined) return seen;
  throw failure("BAL-W080", stack.id, `cannot be seen now: ${seen.unseen}`, {
    hint: "see whether the machine answers: ballast status; then ask again",
  });
}

/** Lists what is there, bounded as every look: an engine that does not answer is out of reach, and never one that holds nothing. */
export async function stacksOf(engine: Pick<Engine, "name" | "stacks">, seconds = LOOK_SECONDS): Promise<readonly StackId[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const refuse = () => reject(failure("BAL-E002", engine.name, `did not list within ${seconds} s what is on the machine`));
    timer = setTimeout(refuse, seconds * 1000);
  });
  return await Promise.race([engine.stacks(), late]).finally(() => clearTimeout(timer));
}

/** How long a look that never ends keeps its stack from being looked at again: so what hangs does not pile up. */
const GIVEN_UP_MS = 5 * 60_000;

/** Looks at stacks again and again, without asking again what has not answered yet: such a stack is not in the answer. */
export function createSurveyor(
  engine: LookingEngine,
  bounds: LookBounds = {},
): (stacks: readonly Stack[]) => ReadonlyMap<StackId, Promise<Observation>> {
  const hanging = new Map<StackId, { readonly since: number }>();
  return (stacks) => {
    const now = performance.now();
    const free = stacks.filter(({ id }) => now - (hanging.get(id)?.since ?? Number.NEGATIVE_INFINITY) >= GIVEN_UP_MS);
    const answers = ask(engine, free);
    return new Map(
      free.map((stack, index) => {
        const answer = answers[index] as Promise<Observation>;
        const mark = { since: now };
        hanging.set(stack.id, mark);
        const over = () => {
          if (hanging.get(stack.id) === mark) hanging.delete(stack.id);
        };
        answer.then(over, over);
        return [stack.id, within(stack, answer, bounds)] as const;
      }),
    );
  };
}
