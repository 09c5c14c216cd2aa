import { type KindFacts, NOBODY_NOTICES } from "./kind.ts";

/** Host names led from the ingress to a service. */
export interface RouteSpec {
  readonly hosts: readonly string[];
  readonly port: number;
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
