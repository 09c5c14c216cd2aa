import type { AnyNode } from "../../../domain/stack/node.ts";

/** What a container is made of, beyond the hardening that all of them share. */
export interface DesiredContainer {
  readonly node: AnyNode;
  readonly imageId: string;
  readonly command: readonly string[];
  readonly memoryMiB: number;
  /** Memory of its own that one of its processes may ask for; all of it where nothing is said. */
  readonly processMiB?: number;
  readonly cpuShares: number;
  /** Processors that it may keep busy; all of them where nothing is said. */
  readonly cpus?: number;
  readonly pidsLimit: number;
  /** Files and sockets that one of its processes may hold open; as many as Docker gives where nothing is said. The machine has one table for all. */
  readonly openFiles?: number;
  /** Host folder or file → place inside, read-only. */
  readonly files: Readonly<Record<string, string>>;
  /** Files on the host, inside a mounted folder, whose content counts as the container's own; mounted files count by themselves. */
  readonly tracked?: readonly string[];
  /** How long it may take to end what it is doing; half a minute where nothing is said. */
  readonly stopSeconds?: number;
  /** Mounted files that are read once, when there are no data yet: what they say later is no drift. */
  readonly readOnce?: readonly string[];
  /** Volume name → place inside. */
  readonly volumes: Readonly<Record<string, string>>;
  /** Nothing secret: everybody who may look at the container sees it. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Asks the name servers of the machine for names outside; everything else knows the names of its own networks only. */
  readonly resolvesOutside?: boolean;
  /** Has the kernel tell it of files that change. Nothing that runs a tenant's code may: of what that takes all containers have one share. */
  readonly watchesFiles?: boolean;
  readonly tmpfs: Readonly<Record<string, string>>;
  readonly publish?: { readonly address: string; readonly hostPort: number; readonly port: number };
  readonly restart: "no" | "on-failure";
  /** The control group below which it runs, where its environment has a quota. */
  readonly cgroupParent?: string;
  /** Asked inside the container every half minute; three failures in a row and the node counts as failing. */
  readonly health: readonly string[];
}

/** What follows from a node alone, wherever its container is made. */
export type ContainerShape = Omit<
  DesiredContainer,
  "node" | "imageId" | "files" | "tracked" | "readOnce" | "volumes" | "publish" | "cgroupParent"
>;
