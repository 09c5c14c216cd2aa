import { type RenameObservation, renamedStacks, renameProblems, takesOverNothing } from "../../domain/plan/rename.ts";
import type { Stack } from "../../domain/stack/node.ts";
import type { Observation } from "../../domain/stack/observation.ts";
import type { Engine } from "../../engines/engine.ts";
import { survey } from "../../engines/survey.ts";
import { type Problem, ProblemError } from "../../kernel/problem.ts";
import type { Revision } from "./revisions.ts";

/** Looks at both names of every stack that is declared as renamed, all at once. */
export async function lookAtRenames(engine: Engine, { stacks }: Pick<Revision, "stacks">): Promise<readonly RenameObservation[]> {
  const heirs = renamedStacks(stacks.values());
  if (heirs.length === 0) return [];
  const formers = heirs.map(({ formerly }): Stack => ({ id: formerly, role: "environment", nodes: [] }));
  const seen = await survey(engine, [...heirs, ...formers]);
  return heirs.map((heir, index) => ({
    heir,
    own: seen[index] as Observation,
    former: seen[heirs.length + index] as Observation,
  }));
}

export interface RenameFindings {
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
}

/** What is wrong with the renames of a revision, and what should be known of them. */
export async function renameFindings(engine: Engine, revision: Pick<Revision, "stacks">): Promise<RenameFindings> {
  const observations = await lookAtRenames(engine, revision);
  return {
    problems: observations.flatMap(renameProblems),
    notes: observations
      .filter(takesOverNothing)
      .map(({ heir, former }) => `${heir.id} is declared as renamed from ${former.stack}, of which no data is here: it starts empty`),
  };
}

/** Refuses a revision in which a rename cannot be carried out whole; nothing of it has begun then. */
export async function assertRenames(engine: Engine, revision: Pick<Revision, "stacks">): Promise<void> {
  const { problems } = await renameFindings(engine, revision);
  if (problems.length > 0) throw new ProblemError(problems);
}
