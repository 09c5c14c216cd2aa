import { z } from "zod";
import { ProblemShape } from "./contract.ts";

/** What `operation.result` holds, by the verb of the operation. */
const HeldPartShape = z.object({ node: z.string(), until: z.string().optional(), because: z.string() });

export const ConvergeResultShape = z.object({
  stack: z.string(),
  state: z.enum(["done", "held", "refused", "failed", "unknown"]),
  changed: z.array(z.object({ node: z.string(), verb: z.string() })),
  held: z.array(HeldPartShape),
  kept: z.array(z.string()),
  problems: z.array(ProblemShape),
});
export type ConvergeResultShape = z.infer<typeof ConvergeResultShape>;

/** Of the verbs `apply` and `remove`. */
export const ApplyResultShape = z.object({
  state: z.string(),
  stacks: z.array(ConvergeResultShape),
  problems: z.array(ProblemShape),
});
export type ApplyResultShape = z.infer<typeof ApplyResultShape>;

export const JourneyStepShape = z.object({ step: z.string(), seconds: z.number(), saw: z.string() });
export type JourneyStepShape = z.infer<typeof JourneyStepShape>;

export const JourneyResultShape = z.object({
  state: z.string(),
  full: z.array(JourneyStepShape),
  reading: z.array(JourneyStepShape),
  problems: z.array(ProblemShape),
});
export type JourneyResultShape = z.infer<typeof JourneyResultShape>;

export const StopResultShape = z.object({
  state: z.string(),
  stopped: z.array(z.string()),
  /** Where what people put in lies, by the folders of the machine. */
  keptIn: z.array(z.object({ node: z.string(), place: z.string() })).optional(),
  problems: z.array(ProblemShape),
});
export type StopResultShape = z.infer<typeof StopResultShape>;

const AnyEnd = z.object({
  problems: z.array(ProblemShape).default([]),
  held: z.array(HeldPartShape).default([]),
  stacks: z.array(z.object({ held: z.array(HeldPartShape) })).default([]),
});

/** What waits and what was wrong, of the result of any verb: an apply, a part of one, a repair, a journey, a stop. Nothing where there is no result yet. */
export function endOf(result: unknown): {
  readonly held: readonly z.infer<typeof HeldPartShape>[];
  readonly problems: readonly z.infer<typeof ProblemShape>[];
} {
  const found = AnyEnd.safeParse(result);
  if (!found.success) return { held: [], problems: [] };
  const { held, problems, stacks } = found.data;
  return { held: [...held, ...stacks.flatMap((stack) => stack.held)], problems };
}
