import { afterAll, beforeAll } from "vitest";
import { insidesOf } from "../../support/fleet-insides.ts";
import { document, ground } from "../../support/fleet-text.ts";
import { launchedFleet } from "../../support/launched-fleet.ts";
import { exhaustionSuite, lockSuite, type PoolSubject, socketSuite } from "../../support/pool-attacks.ts";
import { sharedMemorySuite } from "../../support/shared-memory-attack.ts";

/** Three on one pool; one of them in several processes, so that the pool has a Redis. */
const fleet = launchedFleet("shared");
const tenant = (name: string, more: string) => {
  const environments = `{ production: { hosting: shared, pool: everyone${more} } }`;
  return document("Tenant", name, `{ owner: { name: Ops, email: ops@${name}.example }, calendar: office, environments: ${environments} }`);
};
const subject: PoolSubject = {
  fleet,
  insides: insidesOf(fleet),
  pool: "pool/everyone",
  attacker: "mallory/production",
  neighbours: ["acme/production", "split/production"],
};

beforeAll(async () => {
  const tenants = [
    tenant("acme", ""),
    tenant("mallory", ""),
    tenant("split", ", sizes: { web: { processes: 3 }, report: { processes: 1 } }"),
  ];
  fleet.declare([...ground(fleet.name), ...tenants].join("---\n"));
  const up = await fleet.ballast("up", fleet.folder, "--yes");
  if (up.code !== 0) throw new Error(up.err);
});
afterAll(() => fleet.remove());

lockSuite(subject);
exhaustionSuite(subject);
sharedMemorySuite(subject);
socketSuite(subject, ["pooler", "postgres", "redis", "ingress"]);
