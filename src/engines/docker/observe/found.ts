import type { ObservedNode } from "../../../domain/stack/observation.ts";

/** What one family of objects (containers, networks, volumes, files, databases) found under our ownership. */
export interface Found {
  readonly nodes: readonly ObservedNode[];
}
