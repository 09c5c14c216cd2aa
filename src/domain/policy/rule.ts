import type { Severity } from "../../kernel/problem.ts";
import type { LoadedFleet } from "../fleet/model.ts";
import type { Stack, StackId } from "../stack/node.ts";

/** What a rule may look at: the fleet with everything that is effective, the stacks that were compiled from it, and the day. */
export interface PolicyView {
  readonly loaded: LoadedFleet;
  readonly stacks: ReadonlyMap<StackId, Stack>;
  /** `YYYY-MM-DD`. */
  readonly today: string;
  /** Of the machine that the stacks run on; unknown where nobody looked. */
  readonly machineMemoryBytes?: number;
}

/** One place where a rule does not hold. The runner adds code, severity, place and waiver. */
export interface Finding {
  /** An address of the fleet, or a node. Waivers are for exactly this. */
  readonly address: string;
  /** The field that made it so, as `explain` names it; the declaration itself when missing. */
  readonly field?: string;
  /** The numbers, and what was expected. Without the address, which the runner puts before it. */
  readonly message: string;
  /** How to repair it. */
  readonly hint: string;
}

/** A guardrail: something that the language allows and experience does not. One rule, one file. */
export interface PolicyRule {
  readonly code: string;
  readonly title: string;
  /** Only errors stop anything. */
  readonly severity: Severity;
  /** The fact behind it. */
  readonly reason: string;
  check(view: PolicyView): readonly Finding[];
}
