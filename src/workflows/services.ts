import type { NewEvent } from "../adapters/store/events.ts";
import type { OperationState, OperationWork } from "../adapters/store/operations.ts";
import type { AdmissionSnapshot } from "../domain/admission/admit.ts";
import type { StepEntry } from "../domain/ledger/entry.ts";
import type { AnyNode, NodeId, Stack, StackId } from "../domain/stack/node.ts";
import type { Engine, Vault } from "../engines/engine.ts";
import type { Instant } from "../kernel/instant.ts";
import type { Problem } from "../kernel/problem.ts";

/** A fleet revision, compiled: what is wanted, and what admission must know of it. */
export interface CompiledRevision {
  readonly fleet: string;
  readonly stacks: ReadonlyMap<StackId, Stack>;
  find(id: NodeId): AnyNode | undefined;
  /** The stacks whose data a renamed tenant's stacks take over: new id → former id. */
  readonly formerly: ReadonlyMap<StackId, StackId>;
  /** The ephemeral clone of an environment, on which a journey may do what cannot be undone. */
  cloneOf(stack: StackId): Stack | undefined;
  /**
   * What the calendar and the tier say of a stack at this instant; `heldBy` is the caller's to add. What is no longer declared and not closed yet is bound by
   * the calendar that it had, and so is what it stands on.
   */
  snapshot(stack: StackId, now: Instant): Promise<Omit<AdmissionSnapshot, "heldBy">>;
}

/** What somebody decided about lost or replaced data, by the addresses of its stacks. */
export interface DataChoice {
  readonly operation: string;
  readonly revision: string;
  readonly actor: string;
  readonly recreate?: readonly StackId[] | undefined;
  readonly adopt?: readonly StackId[] | undefined;
}

/** Everything that workflows reach the world through. Handed in once, before any workflow is recovered. */
export interface Services {
  readonly engine: Engine;
  readonly vaultFor: (revision: string) => Vault;
  readonly forgetSecret: (node: NodeId) => Promise<void>;
  /** A stack that is no longer declared is closed: nobody is bound by its calendar any more. */
  readonly closed: (stack: StackId) => Promise<void>;
  /** Gives up what is lost, and adopts what stands in its place, as an apply asked for by name. Idempotent. */
  readonly decided: (choice: DataChoice) => Promise<void>;
  /** What is remembered to hold data of a stack and cannot be seen now. */
  readonly unseenData: (stack: StackId) => Promise<readonly Problem[]>;
  readonly compiled: (revision: string) => Promise<CompiledRevision>;
  readonly journeys: JourneyRunner;
  /** Leaves what people need after an apply where they find it: the first passwords, readable by the owner alone. Only of the revision in force. */
  readonly publish: (revision: string) => Promise<void>;
  readonly store: WorkflowStore;
  readonly now: () => Instant;
  /** The log of the control plane: cause and stack of what no problem can say. */
  readonly log: (error: unknown, at: string) => void;
  /** Told before and after every step: a progress line, and the place where crash tests strike. */
  readonly aroundStep: (name: string, moment: "before" | "after") => void;
}

/** The verbs of the store that workflows use. */
export interface WorkflowStore {
  addOperation(operation: {
    id: string;
    verb: string;
    stack?: string;
    parent?: string;
    actor: string;
    request: object;
    at: Date;
  }): Promise<void>;
  endOperation(id: string, state: OperationState, result: object, at: Date): Promise<void>;
  addEvent(event: NewEvent): Promise<void>;
  takeLease(stack: string, operation: string, at: Date): Promise<{ operation: string; since: Date }>;
  releaseLeases(operation: string): Promise<void>;
  work(): Promise<readonly OperationWork[]>;
  /** The operation that deletes the fleet, or has deleted it. */
  deletion(): Promise<{ readonly operation: string } | undefined>;
  /** The stop that holds, and the operations that it ends. */
  stopInForce(): Promise<{ readonly operation: string | undefined; readonly ends: readonly string[] } | undefined>;
  /** Before the first change of a deletion. */
  stopToDelete(operation: string): Promise<void>;
  /** The revision in force, by its hash. */
  revisionInForce(): Promise<string | undefined>;
  appendLedger(entry: StepEntry, at: Date): Promise<unknown>;
}

/** One step of a journey, as it was passed. */
export interface JourneyStep {
  readonly step: string;
  readonly seconds: number;
  /** What was seen, for people: `order S00001 confirmed`. */
  readonly saw: string;
}

/** Walks a business process on a running environment, through the same doors as its users. */
export interface JourneyRunner {
  /** Quotation → order → delivery, on the ephemeral clone. */
  full(clone: Stack, signal: AbortSignal): Promise<readonly JourneyStep[]>;
  /** Only reading, on the tenant itself, through the ingress. */
  reading(stack: Stack, signal: AbortSignal): Promise<readonly JourneyStep[]>;
}
