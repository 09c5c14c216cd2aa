import { readFileSync } from "node:fs";
import { join } from "node:path";
import type Dockerode from "dockerode";
import pg from "pg";
import type { OdooClient, Send } from "../../src/adapters/odoo-rpc/client.ts";
import { jsonRpc } from "../../src/adapters/odoo-rpc/json-rpc.ts";
import { json2 } from "../../src/adapters/odoo-rpc/json2.ts";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import { type AccessEntry, parseAccessLine } from "../../src/domain/odoo/access-log.ts";
import type { KnownSeries } from "../../src/domain/odoo/known-series.ts";
import { seriesFacts } from "../../src/domain/odoo/series.ts";
import { execute, output, until } from "./docker-bench.ts";
import { databaseOf, type LaunchedFleet } from "./launched-fleet.ts";

/** What lies behind the ingress of a launched fleet: for questions that only somebody on this machine can ask. */
export interface FleetInsides {
  container(node: string): Promise<Dockerode.Container>;
  /** The containers of an environment in which Odoo runs. */
  processes(environment: string): Promise<readonly Dockerode.Container[]>;
  /** The address of a container on the network of its own stack: only this machine and the stack can reach it. */
  address(node: string): Promise<string>;
  /** Where the Odoo of an environment that answers people does so directly. */
  odooUrl(environment: string): Promise<string>;
  /** Calls of models as the first administrator, straight to a process. */
  rpc(environment: string, series: KnownSeries): Promise<OdooClient>;
  /** Runs a command inside the container of a node. */
  inside(node: string, command: readonly string[]): Promise<{ readonly exit: number; readonly text: string }>;
  /** Kills what runs in the container, as a crash would: Docker takes its own `kill` for a desired state that it stays down. */
  crash(node: string): Promise<void>;
  secret(environment: string, name: string): string;
  /** What the access logs of an environment tell so far; those of one process where one is named. */
  accessLog(environment: string, process?: string): Promise<readonly AccessEntry[]>;
  /** The lines of it whose target bears a mark, once there are so many: a line is written after the answer. */
  marked(environment: string, mark: string, more?: { readonly process?: string; readonly count?: number }): Promise<readonly AccessEntry[]>;
  /** Runs as the environment's own role in its own database, on the server of a stack: its pool's or its own. */
  asTenant<T>(environment: string, stack: string, work: (client: pg.Client) => Promise<T>): Promise<T>;
}

export function insidesOf(fleet: LaunchedFleet, docker: Dockerode = dockerClient()): FleetInsides {
  async function container(node: string): Promise<Dockerode.Container> {
    const [found] = await docker.listContainers({ filters: { label: [`ballast.fleet=${fleet.name}`, `ballast.node=${node}`] } });
    if (found === undefined) throw new Error(`no container of ${node}`);
    return docker.getContainer(found.Id);
  }
  async function address(node: string): Promise<string> {
    const { NetworkSettings: settings, HostConfig: host } = await (await container(node)).inspect();
    return settings.Networks[host.NetworkMode ?? ""]?.IPAddress ?? "";
  }
  async function odooNodes(environment: string): Promise<readonly string[]> {
    const label = [`ballast.fleet=${fleet.name}`, `ballast.stack=${environment}`, "ballast.kind=odoo"];
    return (await docker.listContainers({ filters: { label } })).map((one) => one.Labels["ballast.node"] ?? "");
  }
  async function odooUrl(environment: string): Promise<string> {
    const nodes = await odooNodes(environment);
    const node = nodes.find((one) => one === `${environment}/odoo-web`) ?? `${environment}/odoo`;
    return `http://${await address(node)}:8069`;
  }
  function secret(environment: string, name: string): string {
    return readFileSync(join(fleet.installation.volatile, "nodes", environment, name, "value"), "utf8").trim();
  }
  async function accessLog(environment: string, process?: string): Promise<readonly AccessEntry[]> {
    const nodes = (await odooNodes(environment)).filter((node) => process === undefined || node === `${environment}/${process}`);
    const logs = await Promise.all(nodes.map(async (node) => await output(await container(node))));
    // What is left of a frame's head may stand before the year.
    return logs.flatMap((log) => log.split("\n")).flatMap((line) => parseAccessLine(line.slice(line.indexOf("2"))) ?? []);
  }
  return {
    container,
    processes: async (environment) => await Promise.all((await odooNodes(environment)).map((node) => container(node))),
    address,
    odooUrl,
    async rpc(environment, series) {
      const base = await odooUrl(environment);
      const send: Send = async ({ path, headers, body }) => {
        const response = await fetch(`${base}${path}`, { method: "POST", headers, body });
        return { status: response.status, body: await response.text(), cookies: [] };
      };
      const apiKey = secret(environment, "api-key");
      if (seriesFacts(series)?.rpc === "json-2") return json2(send, apiKey, environment);
      return jsonRpc(send, { database: databaseOf(environment), login: "admin", apiKey }, environment);
    },
    async inside(node, command) {
      const { exit, out } = await execute(docker, await container(node), [...command]);
      return { exit, text: out.toString() };
    },
    async crash(node) {
      const { Pid: pid } = (await (await container(node)).inspect()).State;
      // 0 is what a container has that does not run, and as a process it is the group of this one.
      if (pid <= 0) throw new Error(`${node} does not run`);
      process.kill(pid, "SIGKILL");
    },
    secret,
    accessLog,
    async marked(environment, mark, { process, count = 1 } = {}) {
      return await until(`${count} lines of the access log with ${mark}`, 30, async () => {
        const found = (await accessLog(environment, process)).filter((entry) => entry.target.includes(mark));
        return found.length >= count ? found : undefined;
      });
    },
    async asTenant(environment, stack, work) {
      const database = databaseOf(environment);
      const host = await address(`${stack}/postgres`);
      const client = new pg.Client({ host, user: database, database, password: secret(environment, "role-password") });
      client.on("error", () => undefined);
      await client.connect();
      try {
        return await work(client);
      } finally {
        await client.end();
      }
    },
  };
}
