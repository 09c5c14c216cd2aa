import { downtimeAbout, type KindFacts } from "./kind.ts";

/** The wall round a stack: an internal network on Docker, a namespace with default-deny policies on Kubernetes. */
export interface BoundarySpec {
  /** `none`: nothing inside can open a connection to the outside. `published`: ports may be published to the host. */
  readonly outward: "none" | "published";
}

export const boundary: KindFacts = {
  title: "isolation boundary",
  holdsData: false,
  runs: false,
  usualSeconds: 0.2,
  fixed: { outward: "remake" },
  updateImpact: () => downtimeAbout(10, "everything inside reconnects"),
};
