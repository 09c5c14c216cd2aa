import type { PageObservation } from "../domain/health/page.ts";
import type { UndoneWork } from "../domain/health/work.ts";
import type { Change } from "../domain/plan/change.ts";
import type { AnyNode, NodeId, Stack, StackId, StackNode } from "../domain/stack/node.ts";
import type { Observation } from "../domain/stack/observation.ts";
import type { ServedCertificate } from "../domain/stack/served-certificate.ts";
import type { Held } from "../domain/stack/shared-session.ts";
import type { WritePosition } from "../domain/stack/write-position.ts";
import type { Instant } from "../kernel/instant.ts";

/** What an engine did for one change; the same call again does nothing and says so. */
export interface Applied {
  readonly node: NodeId;
  readonly did: "created" | "updated" | "replaced" | "started" | "repaired" | "removed" | "nothing";
  /** Worth recording: image id, package versions, seconds. Never a secret. */
  readonly facts: Readonly<Record<string, string | number>>;
}

/** Hands out what is sealed, for the moment in which an engine materialises it. Generates on first use; the same node and generation always yield the same value. */
export interface Vault {
  /** The text of a secret node. */
  secret(node: NodeId): Promise<string>;
  /** Certificate chain and key of a certificate node, PEM. */
  certificate(node: NodeId): Promise<{ readonly certificate: string; readonly key: string }>;
}

export interface ApplyContext {
  /** The stack that the change belongs to, as wanted: engines find the specs of used nodes here. */
  readonly stack: Stack;
  /** The operation that the change belongs to. */
  readonly operation?: string;
  /** Finds a wanted node of any stack, for edges that cross stacks. */
  find(id: NodeId): AnyNode | undefined;
  /** The node whose data this one takes over, where its tenant had another name. */
  formerly?(id: NodeId): NodeId | undefined;
  readonly vault: Vault;
  /** A line about long work, for people. */
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface LogLine {
  readonly node: NodeId;
  /** ISO 8601 with zone, as the engine recorded it; empty when it did not. */
  readonly at: string;
  readonly text: string;
}

export interface LogRequest {
  readonly stack: StackId;
  readonly node?: NodeId;
  readonly tail: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** One request that a proxy refused. */
export interface Refusal {
  readonly stack: StackId;
  readonly at: Instant;
  /** The address of who asked, in the network of its stack. */
  readonly address: string;
  /** `host:port`, or words where there was none. */
  readonly target: string;
}

/** How often a closed way was tried since its counter began. */
export interface TryCount {
  /** Tells this counter from every other, and from its successor that begins at nothing. */
  readonly key: string;
  readonly stack: StackId;
  readonly target: string;
  readonly packets: number;
}

/** What keeps everything in, and what it met. */
export interface GuardObservation {
  /** Unknown is never taken for closed. */
  readonly walls: { readonly state: "closed" } | { readonly state: "unknown"; readonly because: string };
  /** What was otherwise than wanted until this look, and was put right, also where something else is unknown. */
  readonly repaired: readonly string[];
  readonly refusals: readonly Refusal[];
  readonly counts: readonly TryCount[];
}

/** A session on a shared database server that was ended, since it held what is everybody's. */
export interface EndedSession {
  readonly stack: StackId;
  readonly server: NodeId;
  readonly pid: number;
  readonly role: string;
  readonly database: string;
  readonly held: Held;
  readonly because: string;
}

/** What one look at the shared servers brought. */
export interface Relief {
  readonly ended: readonly EndedSession[];
  /** What was otherwise than wanted on a server, and was put right. */
  readonly repaired: readonly { readonly stack: StackId; readonly server: NodeId; readonly what: string }[];
  /** Servers that ended all their sessions since the last look, since one of their processes crashed, and went on by themselves. */
  readonly crashed: readonly { readonly stack: StackId; readonly server: NodeId }[];
  /** Servers that could not be looked at. */
  readonly unwatched: readonly { readonly server: NodeId; readonly because: string }[];
}

/** What a look for left-over databases brought: each database with its server, and what kept a server from being asked. */
export interface Swept {
  readonly removed: readonly { readonly server: NodeId; readonly database: string }[];
  readonly failed: readonly unknown[];
}

/** Where a service of a node can be reached from the control plane's host. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/**
 * The port between decisions and the real world. Each verb is idempotent and bounded in time. Two runtimes and a simulation implement it; `engine.contract.ts` is the suite they all pass.
 * Verbs that come later (`backup`, `restoreInto`, `promote`, `fence`, `scale`, `route`) will be optional capabilities: docs/adr/0002 holds each against Kubernetes.
 */
export interface Engine {
  readonly name: "docker" | "kubernetes" | "memory";
  /** What is there of a stack: every node of `stack`, and everything else that carries its name and our ownership. */
  observe(stack: Stack): Promise<Observation>;
  /** Looks at many stacks in one go, for engines that can do so more cheaply than one by one. Each answer comes by itself: one that waits for a server holds up no other. */
  survey?(stacks: readonly Stack[]): readonly Promise<Observation>[];
  /** Calls back whenever something of ours may have changed, until the signal or until the line breaks. */
  watch?(changed: () => void, signal: AbortSignal): Promise<void>;
  /** Puts back what keeps processes from going out past their proxy, and tells who tried since an instant; engines that cannot leave it out. */
  guard?(since: Instant): Promise<GuardObservation>;
  /** Looks at the database servers that several stacks share, and ends sessions that hold what all of them need; engines without such servers leave it out. */
  relieve?(): Promise<Relief>;
  /** How far each database server has written that answers now; engines without servers of their own leave it out. */
  positions?(): Promise<readonly WritePosition[]>;
  /** Removes databases that were begun and never became anybody's, once nobody can be making them any more; engines without such servers leave it out. */
  sweep?(): Promise<Swept>;
  /**
   * Reads from the ingress itself which certificate it serves: its own for a stack with an ingress, that of a host for one to which `entry` leads and whose
   * certificates come by ACME; undefined for any other. Throws when nobody answers.
   */
  served?(stack: Stack, entry: StackNode<"ingress"> | undefined): Promise<ServedCertificate | undefined>;
  /**
   * Asks a stack for a page as its users do, by its host name through the ingress `entry`, with the certificate verified. Undefined for a stack without a way in;
   * engines that run nothing real leave it out.
   */
  page?(stack: Stack, entry: StackNode<"ingress"> | undefined): Promise<PageObservation | undefined>;
  /** Reads what Odoo leaves undone in the database of a stack, with the rights of that stack alone; undefined where it has none. Throws when it cannot be read. */
  undoneWork?(stack: Stack): Promise<UndoneWork | undefined>;
  /** Has every ingress ask once more for the certificates by ACME that have not come, without disturbing anybody. */
  askForCertificates?(): Promise<void>;
  /** The ids of all stacks of which anything exists under our ownership. */
  stacks(): Promise<readonly StackId[]>;
  /** Makes one change real and returns once it is: a started process answers, a removed object is gone. */
  apply(change: Change, context: ApplyContext): Promise<Applied>;
  /**
   * Takes what stands under the name of a node, and is not ours, for the node's own, and tells its identity. From then on it is seen with the hash `ADOPTED`,
   * until a change tells it what is the stack's own. Engines that cannot leave it out.
   */
  adopt?(node: AnyNode, vault: Vault): Promise<string | undefined>;
  /** Has every image at hand before anything is changed; engines that pull by themselves leave it out. */
  prepare?(images: readonly string[], watch: { readonly progress: (line: string) => void; readonly signal: AbortSignal }): Promise<void>;
  /** Stops the processes of a stack and keeps everything else. */
  stop(stack: StackId): Promise<void>;
  logs(request: LogRequest): AsyncIterable<LogLine>;
  /** The address of a running node, for probes and journeys by the control plane itself. */
  endpoint(node: NodeId): Promise<Endpoint | undefined>;
  close(): Promise<void>;
}
