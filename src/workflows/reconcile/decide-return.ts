import type { Instant } from "../../kernel/instant.ts";
import { type Attempts, isResting, MOST_TRIES } from "./decide.ts";

/** One run of the machine: from boot to boot, and within it of the engine from start to start. */
export interface Run {
  readonly boot: string;
  readonly engine?: string;
}

export interface ReturnObservation {
  readonly desired: "running" | "stopped";
  /** The run in which the fleet was brought up last. */
  readonly kept: Run;
  readonly present: Run;
  readonly attempts: Attempts;
}

export type ReturnMove =
  | { readonly move: "none" | "remember" }
  /** Everything that is meant to run is started, as an apply of the revision in force would do it. */
  | { readonly move: "bring-back"; readonly because: string };

/**
 * Decides whether a fleet must be brought back because the machine, or its engine, started over. Pure.
 * That everything lies still afterwards is nobody's drift, so the tier is not asked. After `down` there is nothing to bring back.
 */
export function decideReturn({ desired, kept, present, attempts }: ReturnObservation, now: Instant): ReturnMove {
  const because = sinceThen(kept, present);
  if (because === undefined) return { move: "none" };
  if (desired === "stopped") return { move: "remember" };
  if (attempts.failed >= MOST_TRIES || isResting(attempts, now)) return { move: "none" };
  return { move: "bring-back", because };
}

function sinceThen(kept: Run, present: Run): string | undefined {
  if (kept.boot !== present.boot) return "the machine was restarted";
  // An engine that cannot be asked when it began says nothing about it.
  if (kept.engine === undefined || present.engine === undefined || kept.engine === present.engine) return undefined;
  return "the engine was restarted";
}
