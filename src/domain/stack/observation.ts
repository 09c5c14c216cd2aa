import type { Json } from "../../kernel/canonical.ts";
import type { Instant } from "../../kernel/instant.ts";
import type { AnyNode, NodeId, StackId } from "./node.ts";

/** What stands under the name of an object and is not that object. */
export interface Stranger {
  /** In words. */
  readonly says: string;
  /** How somebody takes it away, where it is not meant to be there. */
  readonly removal: string;
  /** True where it can be taken for the stack's own. */
  readonly adoptable: boolean;
  /** Tells it from others of its name. */
  readonly identity?: string;
}

/** The hash of what was adopted and was not told yet what is the stack's own: it differs from every declaration. */
export const ADOPTED = "adopted";

/** Not there, as far as anybody can see. */
export interface Absent {
  readonly state: "absent";
  readonly at: Instant;
  /** Why the place in which it would be cannot be looked into: its server is not there. */
  readonly hidden?: string;
  readonly instead?: Stranger;
}

/** Three-valued observation, and what follows from remembering. Unknown is never treated as absent, and neither is lost: it held data and is gone. */
export type Seen<T> =
  | { readonly state: "present"; readonly value: T; readonly at: Instant }
  | Absent
  | { readonly state: "unknown"; readonly since: Instant; readonly because: string }
  | {
      readonly state: "lost";
      /** Since when it held data. */
      readonly since: Instant;
      readonly because: string;
      /** What stands in its place. */
      readonly instead?: Stranger;
      readonly declared: Pick<AnyNode, "id" | "kind" | "spec" | "uses">;
    };

/** `serving`: does its work. `stopped`: there, not running. `failing`: tries and cannot. */
export type Condition = "serving" | "stopped" | "failing";

/** One way in which a real object is otherwise than it was made, though its declaration still agrees: somebody changed it by hand. */
export interface Edit {
  readonly field: string;
  /** As it was made. */
  readonly made: Json | undefined;
  /** As it is. */
  readonly found: Json | undefined;
  /** `live`: can be put back while it runs. `remake`: needs the object recreated. `report`: is not ours to change. */
  readonly repair: "live" | "remake" | "report";
  /**
   * Of what a tenant can change by its own SQL, and what harms nobody else: put right again and again it is left as it is for a while, counted under this
   * name. Missing where it is put right each time, as whatever gives more rights is.
   */
  readonly rests?: string;
}

/** What an engine can tell of one real object. The declared part is what was last applied to it, read from the object itself. */
export interface ObservedNode {
  readonly declared: Pick<AnyNode, "id" | "kind" | "spec" | "uses">;
  readonly hash: string;
  readonly condition: Condition;
  /** Why it is failing or stopped, in the words of the real thing. */
  readonly because?: string;
  /** True where it runs and gives no sign of life: only ending it helps. Never true of what merely has too much work. */
  readonly hangs?: true;
  /** True where it runs and has not shown its health since it was started. */
  readonly starting?: true;
  /** What was changed by hand since it was made; missing where nothing was. */
  readonly edits?: readonly Edit[];
  /** Why none of it can be repaired before somebody decides; missing where it can. */
  readonly blocked?: string;
  /** Facts worth showing: image id, address, restarts. Never a secret. */
  readonly facts: Readonly<Record<string, string | number>>;
}

/** Everything an engine sees of a stack: the nodes asked about and those it found beside them under the same ownership. */
export interface Observation {
  readonly stack: StackId;
  readonly at: Instant;
  readonly nodes: ReadonlyMap<NodeId, Seen<ObservedNode>>;
  /** Why the stack could not be looked at: then what is not among the nodes is unknown as well, and not absent. */
  readonly unseen?: string;
}

/** An observation of nothing: what a new stack looks like. */
export function nothingSeen(stack: StackId, at: Instant): Observation {
  return { stack, at, nodes: new Map() };
}
