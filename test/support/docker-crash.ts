import { type ChildProcess, spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { requestThrough } from "../../src/adapters/http/through.ts";
import type { OperationShape, StartOperation } from "../../src/api/contract/contract.ts";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import { apiOf, eventually } from "./api.ts";
import { PACKAGE_ROOT, type TestInstallation } from "./docker-installation.ts";
import { struckIn } from "./strike.ts";

const MOST_RESTARTS = 200;

/** The real control plane on real Docker, started again each time it killed itself. */
export interface CrashBench {
  /** Keeps the control plane running through its deaths until the operation has ended; returns the operation and how often it died. */
  readonly survive: (request: StartOperation, strike: Strike) => Promise<{ operation: OperationShape; deaths: number }>;
  /** Where it struck so far. */
  readonly struck: () => readonly string[];
  /** Signs in as the first user would, over HTTPS, and says who Odoo says it is. The control plane runs meanwhile. */
  readonly signIn: () => Promise<unknown>;
  /** The containers of the fleet, as `node state`. */
  readonly containers: () => Promise<readonly string[]>;
  readonly volumes: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/** Steps whose names contain `part` are struck once, at each of these moments. */
export interface Strike {
  readonly part: string;
  readonly moments: "after" | "before,after";
}

export function crashBench(own: TestInstallation): CrashBench {
  const { installation } = own;
  const api = apiOf(installation);
  const struckFile = join(installation.root, "struck.json");
  const filters = { label: [`ballast.fleet=${installation.fleet}`] };
  let server: ChildProcess | undefined;

  function start({ part, moments }: Strike): ChildProcess {
    const log = openSync(installation.logFile, "a");
    const program = join(PACKAGE_ROOT, "test/support/docker-crash-child.ts");
    server = spawn(process.execPath, [program, JSON.stringify(installation), struckFile, part, moments], { stdio: ["ignore", log, log] });
    return server;
  }
  async function end(): Promise<void> {
    await api.shutdown();
    await new Promise((resolve) =>
      server === undefined || server.exitCode !== null || server.signalCode !== null ? resolve(undefined) : server.once("exit", resolve),
    );
  }
  async function untilUp(): Promise<void> {
    await eventually("the control plane serving", 60, async () => (await api.isUp()) || undefined);
  }
  return {
    async survive(request, strike) {
      for (let deaths = 0; deaths < MOST_RESTARTS; deaths++) {
        const child = start(strike);
        const died = new Promise<"died">((resolve) => child.once("exit", () => resolve("died")));
        const ended = (async () => {
          await untilUp();
          // What was posted before a death may or may not have been kept: asking again with the same id is the same operation.
          await api.start(request);
          return await eventually("the operation's end", 300, async () => {
            const operation = await api.operation(request.id);
            return operation !== undefined && operation.state !== "running" ? operation : undefined;
          });
        })();
        const outcome = await Promise.race([died, ended]);
        if (outcome !== "died") {
          await end();
          return { operation: outcome, deaths };
        }
        ended.catch(() => undefined);
      }
      throw new Error(`not done after ${MOST_RESTARTS} restarts`);
    },
    struck: () => struckIn(struckFile),
    async signIn() {
      start({ part: "(nothing)", moments: "after" });
      await untilUp();
      const lines = readFileSync(installation.credentialsFile, "utf8").split("\n");
      const line = lines.find((one) => one.startsWith("acme/production")) ?? "";
      const [, url, login, password] = line.split(/\s+/) as [string, string, string, string];
      const { hostname: host, port } = new URL(url);
      const ca = readFileSync(join(installation.root, "ca.pem"), "utf8");
      const body = JSON.stringify({ jsonrpc: "2.0", method: "call", params: { db: "acme_production", login, password } });
      const headers = { "content-type": "application/json" };
      const question = { host, path: "/web/session/authenticate", method: "POST", headers, body, seconds: 30 } as const;
      const answer = await requestThrough({ address: "127.0.0.1", port: Number(port), ca }, question);
      await end();
      return (JSON.parse(answer.body) as { result?: { username?: unknown } }).result?.username;
    },
    async containers() {
      const all = await dockerClient().listContainers({ all: true, filters });
      return all.map((one) => `${one.Labels["ballast.node"]} ${one.State}`).sort();
    },
    volumes: async () => ((await dockerClient().listVolumes({ filters })).Volumes ?? []).length,
    async close() {
      await end();
      await own.destroy();
    },
  };
}

const HELLO = readFileSync(join(PACKAGE_ROOT, "examples/hello/fleet.yaml"), "utf8");
const SHARED = "{ hosting: shared, pool: everyone }";
const actor = "test";

/** What is asked for, one after the other: a fleet, more memory for its tenant's Odoo, and the end of all of it. */
export function requestsFor(fleet: string): Readonly<Record<"provision" | "change" | "remove", StartOperation>> {
  const text = HELLO.replace("name: hello", `name: ${fleet}`);
  const larger = text.replace(SHARED, "{ hosting: shared, pool: everyone, sizes: { web: { memory: 900Mi } } }");
  return {
    provision: { verb: "apply", id: "op-provision", actor, files: [{ path: "fleet.yaml", text }] },
    change: { verb: "apply", id: "op-change", actor, files: [{ path: "fleet.yaml", text: larger }], override: { reason: "a test" } },
    remove: { verb: "remove", id: "op-remove", actor, confirmed: fleet },
  };
}

/** What runs of that fleet. */
export const RUNNING = [
  "acme/production/odoo running",
  "platform/here/ingress running",
  "pool/everyone/pooler running",
  "pool/everyone/postgres running",
];
