import type { Actor } from "../../domain/admission/admit.ts";
import type { Change, Closing } from "../../domain/plan/change.ts";
import type { NodeId, StackId } from "../../domain/stack/node.ts";
import type { Problem } from "../../kernel/problem.ts";
import type { HeldPart } from "./decide.ts";

/** Brings one stack to what a revision wants of it, or away. Plain data without secrets: it is kept in clear. */
export interface ConvergeRequest {
  readonly operation: string;
  /** The operation that a person started, of which this is a part. */
  readonly root: string;
  readonly revision: string;
  readonly stack: StackId;
  /** `clone`: the ephemeral clone of an environment. `gone`: as if the fleet did not declare it. */
  readonly wanted: "declared" | "clone" | "gone" | "twin";
  /** Keeps up what an earlier revision declared and the one in force does not, until it is closed. */
  readonly keeps?: true;
  readonly closing: Closing;
  readonly actor: Actor;
  /** What is lost is given up, what stands in its place is adopted, before anything else is done to the stack. */
  readonly decided?: { readonly recreate: boolean; readonly adopt: boolean };
  readonly override?: { readonly reason: string };
  readonly confirmed?: string;
  /** Why it was begun, where no person said so by beginning it. */
  readonly because?: string;
  /** The same was done shortly before, and is counted: its decision is written down only where something is wrong with it. */
  readonly counted?: true;
}

export interface ConvergeResult {
  readonly stack: StackId;
  readonly state: "done" | "held" | "refused" | "failed" | "unknown";
  readonly changed: readonly { readonly node: NodeId; readonly verb: Change["verb"] }[];
  readonly held: readonly HeldPart[];
  readonly kept: readonly NodeId[];
  readonly problems: readonly Problem[];
}

export type Converge = (request: ConvergeRequest) => Promise<ConvergeResult>;

/** How it ended, in one line: what is held differs too. */
export function endWords({ changed, held, problems }: Pick<ConvergeResult, "changed" | "held" | "problems">): string {
  const done = changed.length === 0 ? [] : [`${changed.length} changes made`];
  const waits = held.length === 0 ? [] : [`${held.length} held`];
  const words = [...(done.length === 0 && waits.length > 0 ? ["nothing changed yet"] : done), ...waits];
  return problems[0]?.message ?? (words.length === 0 ? "nothing differs" : words.join(", "));
}
