import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import type { FleetStatus } from "../../src/api/contract/contract.ts";
import { until } from "./docker-bench.ts";
import { PACKAGE_ROOT } from "./docker-installation.ts";
import { type FleetInsides, insidesOf } from "./fleet-insides.ts";
import { type LaunchedFleet, launchedFleet, type Ran } from "./launched-fleet.ts";

/** The example `hello` under another name, with more tenants as they are wanted, for tests that break it. */
export interface FaultyFleet {
  readonly fleet: LaunchedFleet;
  readonly insides: FleetInsides;
  /** Writes the files: `acme`, and these tenants beside it; `edit` changes the text last. */
  readonly declare: (tenants: readonly string[], edit?: (text: string) => string) => void;
  /** Applies at once, whatever the windows say. */
  readonly apply: () => Promise<Ran>;
  readonly stack: (id: string) => Promise<FleetStatus["stacks"][number]>;
  /** Waits until a stack serves without drift, by itself. */
  readonly untilServing: (id: string, seconds?: number) => Promise<void>;
  /** A session of the superuser on the pool's server; ends with the work. */
  readonly asSuperuser: <T>(database: string, work: (client: pg.Client) => Promise<T>) => Promise<T>;
}

const HELLO = readFileSync(join(PACKAGE_ROOT, "examples/hello/fleet.yaml"), "utf8");
const TENANT = HELLO.split("\n---\n").find((text) => text.includes("kind: Tenant")) as string;

export function faultyFleet(topic: string, inside: readonly string[] = []): FaultyFleet {
  const fleet = launchedFleet(topic, inside);
  const insides = insidesOf(fleet);
  async function stack(id: string): Promise<FleetStatus["stacks"][number]> {
    const { out, err } = await fleet.ballast("status", fleet.folder, "--json");
    const found = (JSON.parse(out) as FleetStatus).stacks?.find((one) => one.stack === id);
    if (found === undefined) throw new Error(`no stack ${id} in ${out}${err}`);
    return found;
  }
  return {
    fleet,
    insides,
    declare(tenants, edit = (text) => text) {
      const hello = HELLO.replace("name: hello", `name: ${fleet.name}`);
      const more = tenants.map((tenant) => TENANT.replace("name: acme", `name: ${tenant}`));
      fleet.declare(edit([hello, ...more].join("\n---\n")));
    },
    apply: () => fleet.ballast("apply", fleet.folder, "--now", "--reason", "a test"),
    stack,
    async untilServing(id, seconds = 90) {
      await until(`${id} serving without drift`, seconds, async () => {
        const { state, drift, changing } = await stack(id);
        return state === "serving" && drift.length === 0 && changing === undefined ? true : undefined;
      });
    },
    async asSuperuser(database, work) {
      const host = await insides.address("pool/everyone/postgres");
      const client = new pg.Client({ host, user: "postgres", database, password: insides.secret("pool/everyone", "superuser-password") });
      client.on("error", () => undefined);
      await client.connect();
      try {
        return await work(client);
      } finally {
        await client.end().catch(() => undefined);
      }
    },
  };
}

/** Codes in what a command told, each once. */
export function codesIn({ out, err }: Ran): readonly string[] {
  return [...new Set(`${out}${err}`.match(/BAL-[A-Z]\d{3}/g) ?? [])].sort();
}
