import { type KindFacts, NOBODY_NOTICES } from "./kind.ts";

/** Paths that another node of the stack answers. */
export interface RoutePath {
  /** `/websocket`; the longest prefix wins. */
  readonly prefix: string;
  /** The node's own name inside the stack. */
  readonly node: string;
  readonly port: number;
}

/** Host names led from the ingress to a service. */
export interface RouteSpec {
  readonly hosts: readonly string[];
  /** The node that answers whatever no path leads elsewhere. */
  readonly node: string;
  readonly port: number;
  readonly paths: readonly RoutePath[];
  /** Paths that are closed to everybody outside, as prefixes. */
  readonly closedPaths: readonly string[];
}

export const route: KindFacts = {
  title: "route",
  holdsData: false,
  runs: false,
  usualSeconds: 0.2,
  fixed: {},
  updateImpact: () => NOBODY_NOTICES,
};
