import { chownSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { dockerClient } from "../src/app/machine/machine-engine.ts";
import type { BenchFleet } from "./fleet.ts";

async function superuser(host: string, password: string, database: string): Promise<pg.Client> {
  const client = new pg.Client({ host, port: 5432, user: "postgres", password, database });
  await client.connect();
  return client;
}

/**
 * The floor: what somebody does by hand on the same machine with the same parts, in the shortest way. Clone the database, copy the attachments,
 * start a container, sign in. No role, no network, no route, no certificate, no new secrets: nothing that makes it safe.
 */
export async function tenantByHand(fleet: BenchFleet, number: number): Promise<() => Promise<void>> {
  const docker = dockerClient();
  const [server] = await docker.listContainers({ filters: { label: [`ballast.fleet=${fleet.name}`, "ballast.kind=postgres"] } });
  const [odoo] = await docker.listContainers({ filters: { label: [`ballast.fleet=${fleet.name}`, "ballast.kind=odoo"] } });
  if (server === undefined || odoo === undefined) throw new Error("the fleet does not run");
  const network = server.HostConfig.NetworkMode ?? "";
  const host = server.NetworkSettings.Networks[network]?.IPAddress as string;
  const password = readFileSync(`${fleet.volatile}/nodes/pool/everyone/superuser-password/value`, "utf8").trim();
  const session = await superuser(host, password, "postgres");
  const database = `by_hand_${number}`;
  const { rows } = await session.query<{ datname: string }>(
    "SELECT datname FROM pg_database WHERE datname LIKE 'template\\_%' AND datistemplate",
  );
  const [template] = rows;
  await session.query(`CREATE DATABASE ${database} TEMPLATE ${template?.datname}`);
  const inside = await superuser(host, password, database);
  await inside.query("UPDATE res_users SET password = 'by-hand' WHERE id = 2");
  // Odoo refuses to run as the superuser, so that even by hand a role is needed; one for all is enough here.
  await inside.query(
    "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'by_hand') THEN CREATE ROLE by_hand LOGIN PASSWORD 'by-hand'; END IF; END $$",
  );
  await inside.query("REASSIGN OWNED BY ballast_template TO by_hand");
  await inside.end();
  await session.query(`ALTER DATABASE ${database} OWNER TO by_hand`);
  await docker.createVolume({ Name: `${fleet.name}-${database}` });
  const volume = await docker.getVolume(`${fleet.name}-${database}`).inspect();
  const source = (
    await docker.listVolumes({ filters: { label: [`ballast.fleet=${fleet.name}`, "ballast.node=first/production/filestore"] } })
  ).Volumes[0];
  const files = join(volume.Mountpoint, "filestore", database);
  cpSync(join(source?.Mountpoint as string, "filestore", "first_production"), files, { recursive: true, preserveTimestamps: true });
  for (const folder of [volume.Mountpoint, join(volume.Mountpoint, "filestore")]) chownSync(folder, 10_001, 10_001);
  const config = `${fleet.volatile}/${database}.conf`;
  writeFileSync(
    config,
    `[options]\naddons_path=/usr/lib/python3/dist-packages/odoo/addons,/opt/ballast/addons\ndata_dir=/var/lib/odoo\ndb_host=${host}\ndb_user=by_hand\ndb_password=by-hand\ndb_name=${database}\nlist_db=False\nworkers=0\nmax_cron_threads=1\n`,
  );
  chownSync(config, 10_001, 10_001);
  const container = await docker.createContainer({
    Image: odoo.ImageID,
    Cmd: ["server", "-c", "/etc/ballast/odoo.conf"],
    HostConfig: { NetworkMode: network, Binds: [`${config}:/etc/ballast/odoo.conf:ro`, `${fleet.name}-${database}:/var/lib/odoo`] },
  });
  await container.start();
  const address = (await container.inspect()).NetworkSettings.Networks[network]?.IPAddress as string;
  await untilSignedIn(
    async (body) => {
      const response = await fetch(`http://${address}:8069/web/session/authenticate`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      return await response.text();
    },
    { db: database, login: "admin", password: "by-hand" },
  );
  return async () => {
    await container.remove({ force: true });
    await session.query(`DROP DATABASE ${database} WITH (FORCE)`);
    await session.end();
    await docker.getVolume(`${fleet.name}-${database}`).remove();
  };
}

/** Tries to sign in until it succeeds, without a pause that a person would notice. */
export async function untilSignedIn(
  send: (body: string) => Promise<string>,
  params: { db: string; login: string; password: string },
): Promise<void> {
  const body = JSON.stringify({ jsonrpc: "2.0", method: "call", params });
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    const text = await send(body).catch(() => "");
    if (/"uid": ?\d+/.test(text)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("nobody could sign in within a minute");
}
