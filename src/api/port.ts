import type {
  DecisionShape,
  FleetPlan,
  FleetStatus,
  Health,
  OperationEventShape,
  OperationShape,
  StartOperation,
} from "./contract/contract.ts";

export interface FleetFileText {
  readonly path: string;
  readonly text: string;
}

/** What the HTTP surface asks of the control plane; `app` hands it in. */
export interface ControlPlane {
  health(): Promise<Health>;
  plan(files: readonly FleetFileText[]): Promise<FleetPlan>;
  start(request: StartOperation): Promise<OperationShape>;
  operations(limit: number): Promise<readonly OperationShape[]>;
  operation(id: string): Promise<OperationShape | undefined>;
  parts(id: string): Promise<readonly OperationShape[]>;
  /** What the ledger holds about an operation and its parts, oldest first. */
  decisions(id: string): Promise<readonly DecisionShape[]>;
  events(id: string, after: number): Promise<readonly OperationEventShape[]>;
  /** Waits for what is new of an operation. */
  follow(id: string): { next(atMostMs: number): Promise<void>; end(): void };
  status(): Promise<FleetStatus>;
  logs(request: {
    stack: string;
    node?: string;
    tail: number;
    follow: boolean;
    signal: AbortSignal;
  }): AsyncIterable<{ node: string; at: string; text: string }>;
  shutdown(): void;
}
