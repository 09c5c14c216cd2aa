import type { AnyNode, Stack } from "../../src/domain/stack/node.ts";

/** A pool of which nothing but its server is declared. */
export const SERVER: AnyNode = {
  id: "pool/p/postgres",
  kind: "postgres",
  spec: { image: "i", memoryMiB: 1, cpuShares: 1, pidsLimit: 1, epoch: 1, settings: {} },
  uses: [],
  from: [],
};
export const POOL: Stack = { id: "pool/p", role: "pool", nodes: [SERVER] };

/** A revision of no tenants, bound by no calendar. */
export const UNBOUND = {
  hash: "r",
  stacks: new Map(),
  formerly: new Map(),
  loaded: { fleet: { tenants: [], pools: [], tiers: [] } },
  snapshot: async () => ({ protectedByCalendar: false, nameToConfirm: "a" }),
} as never;
