import type { Stack } from "../domain/stack/node.ts";
import type { Observation } from "../domain/stack/observation.ts";
import type { Engine } from "./engine.ts";

/** Looks at many stacks, at once where the engine can; the answers are in the order of the questions. */
export async function survey(engine: Engine, stacks: readonly Stack[]): Promise<readonly Observation[]> {
  if (engine.survey !== undefined) return await engine.survey(stacks);
  return await Promise.all(stacks.map((stack) => engine.observe(stack)));
}
