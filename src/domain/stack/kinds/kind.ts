import type { Json } from "../../../kernel/canonical.ts";
import type { EdgePurpose } from "../edge.ts";

/** What a change does to the people who use the stack, known before it starts. */
export interface Impact {
  /** `none`: nobody can notice. `closed`: those who use it wait about `closedSeconds`. */
  readonly interruption: "none" | "closed";
  /** Estimated seconds in which the stack does not answer; 0 when there is none, and where it is closed for as long as somebody wants. */
  readonly closedSeconds: number;
  /** True when what is lost cannot be had back by applying an older fleet. */
  readonly irreversible: boolean;
  /** A few words for the plan: `restart, about 8 s downtime`. */
  readonly says: string;
}

export const NO_DOWNTIME: Impact = { interruption: "none", closedSeconds: 0, irreversible: false, says: "no downtime" };

export function downtimeAbout(seconds: number, act: string): Impact {
  return { interruption: "closed", closedSeconds: seconds, irreversible: false, says: `${act}, about ${seconds} s downtime` };
}

/** Closed until somebody opens it again, which nobody can foresee. */
export function downFromThenOn(act: string): Impact {
  return { interruption: "closed", closedSeconds: 0, irreversible: false, says: `${act}, down from then on` };
}

/** A field with the values that it had and gets. */
export interface ChangedField {
  readonly field: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** What the core must know of a kind of node; engines know the rest. */
export interface KindFacts {
  readonly title: string;
  /** True where removing the object loses what people put into it. */
  readonly holdsData: boolean;
  /** Given the kinds of those who use it: whether what it holds can be had from elsewhere, so that its loss loses nothing of people's. */
  reproducible?(spec: unknown, users: readonly string[]): boolean;
  /** What it means that another object stands under its name: `lost` where nothing may start on it, else it is reported and goes on. */
  readonly ifReplaced?: "lost";
  /** True where the object is a running process with a log. */
  readonly runs: boolean;
  /** True for what a stack of another name takes over, though people put nothing into it. */
  readonly handedOver?: boolean;
  /** Seconds that making one usually takes, for progress and for the plan. */
  readonly usualSeconds: number;
  /** The same of one with this spec, where that takes much longer. */
  readonly longerSeconds?: (spec: object) => number | undefined;
  /** Fields that cannot change on a living object. `remake`: recreate it at a cost; `refuse`: it holds data, so a change is refused with the reason. */
  readonly fixed: Readonly<Record<string, "remake" | "refuse">>;
  /** Uses whose other end cannot change under a living object, since its data would stay behind. */
  readonly fixedUses?: readonly EdgePurpose[];
  /** Fields that fit the processes that use it: where those wait with their change, so does a change of these. */
  readonly fitsUsers?: readonly string[];
  /** What taking away a serving one does to those who use the stack; missing where it causes no downtime. */
  readonly closesWhenGone?: string;
  /** What changing these fields of a serving object does to its users; `changes` with the values. */
  updateImpact(fields: readonly string[], changes?: readonly ChangedField[]): Impact;
}
