import { readFileSync } from "node:fs";
import { join } from "node:path";
import type Dockerode from "dockerode";
import pg from "pg";
import { dockerClient } from "../../src/app/machine-engine.ts";
import { type AccessEntry, parseAccessLine } from "../../src/domain/odoo/access-log.ts";
import { output } from "./docker-bench.ts";
import { databaseOf, type LaunchedFleet } from "./launched-fleet.ts";

/** What lies behind the ingress of a launched fleet: for questions that only somebody on this machine can ask. */
export interface FleetInsides {
  container(node: string): Promise<Dockerode.Container>;
  /** The address of a container on the network of its own stack: only this machine and the stack can reach it. */
  address(node: string): Promise<string>;
  /** Where an environment's Odoo answers directly. */
  odooUrl(environment: string): Promise<string>;
  secret(environment: string, name: string): string;
  /** What the access log of an environment tells so far. */
  accessLog(environment: string): Promise<readonly AccessEntry[]>;
  /** Runs as the environment's own role in its own database, on the server of its pool. */
  asTenant<T>(environment: string, pool: string, work: (client: pg.Client) => Promise<T>): Promise<T>;
}

export function insidesOf(fleet: LaunchedFleet): FleetInsides {
  const docker = dockerClient();

  async function container(node: string): Promise<Dockerode.Container> {
    const [found] = await docker.listContainers({ filters: { label: [`ballast.fleet=${fleet.name}`, `ballast.node=${node}`] } });
    if (found === undefined) throw new Error(`no container of ${node}`);
    return docker.getContainer(found.Id);
  }
  async function address(node: string): Promise<string> {
    const { NetworkSettings: settings } = await (await container(node)).inspect();
    const wall = `${node.split("/").slice(0, 2).join("-")}-boundary`;
    return Object.entries(settings.Networks).find(([name]) => name.endsWith(wall))?.[1].IPAddress ?? "";
  }
  function secret(environment: string, name: string): string {
    return readFileSync(join(fleet.installation.volatile, "nodes", environment, name, "value"), "utf8").trim();
  }
  return {
    container,
    address,
    odooUrl: async (environment) => `http://${await address(`${environment}/odoo`)}:8069`,
    secret,
    async accessLog(environment) {
      const log = await output(await container(`${environment}/odoo`));
      // What is left of a frame's head may stand before the year.
      return log.split("\n").flatMap((line) => parseAccessLine(line.slice(line.indexOf("2"))) ?? []);
    },
    async asTenant(environment, pool, work) {
      const database = databaseOf(environment);
      const host = await address(`pool/${pool}/postgres`);
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
