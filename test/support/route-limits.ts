import type { RouteLimits } from "../../src/domain/stack/kinds/route.ts";

/** Small limits, for routes of tests. */
export const ROUTE_LIMITS: RouteLimits = {
  bodyBytes: 1000,
  callBodyBytes: 100,
  requests: { count: 600, perSeconds: 60, atOnce: 40 },
  calls: { count: 5, perSeconds: 1 },
  logins: { count: 10, perSeconds: 60, paths: ["/web/login"] },
  reports: { count: 60, perSeconds: 60, paths: ["/report/pdf"], atOnce: 3 },
};
