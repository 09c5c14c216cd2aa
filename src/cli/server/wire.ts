import type { z } from "zod";
import type { ProblemShape } from "../../api/contract/contract.ts";
import type { Problem } from "../../kernel/problem.ts";

/** Problems as they came over the wire: a member that is missing there is missing here. */
export function toProblems(shapes: readonly z.infer<typeof ProblemShape>[]): readonly Problem[] {
  return shapes.map(({ hint, address, ...problem }) => ({
    ...problem,
    ...(address === undefined ? {} : { address }),
    ...(hint === undefined ? {} : { hint }),
  }));
}
