import { randomBytes } from "node:crypto";
import { renderConfig } from "../../../domain/odoo/config.ts";
import { passwordHash } from "../../../domain/odoo/password.ts";
import { seriesFacts } from "../../../domain/odoo/series.ts";
import { type NodeId, nameOf, type StackId, type StackNode } from "../../../domain/stack/node.ts";
import { failure } from "../../../kernel/problem.ts";
import { engineCall, orAbsent, tolerating } from "../call.ts";
import { endJob, type Job, runJob, startJob } from "../container/job.ts";
import { writeJobFile } from "../container/job-files.ts";
import { lastLines } from "../container/log-stream.ts";
import { warmPage } from "../ingress/warm-page.ts";
import { objectName } from "../observe/labels.ts";
import { imageOf } from "../observe/own-objects.ts";
import type { Scope } from "../scope.ts";
import { POSTGRES_PORT } from "./servers.ts";
import { keptArchive, saveFilestore, type TemplateArchive } from "./template-store.ts";

/** A template in the making. */
export interface TemplateWork {
  readonly node: StackNode<"template">;
  readonly key: string;
  readonly imageId: string;
  readonly stack: StackId;
  readonly server: NodeId;
  /** The unfinished database, its owner, and a password that ends with the work. */
  readonly database: string;
  readonly role: string;
  readonly password: string;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

const INSTALL_SECONDS = 1200;
const WARM_SECONDS = 180;

/** Installs the modules of the recipe into the empty database. */
export async function installModules(scope: Scope, work: TemplateWork): Promise<void> {
  const modules = ["base", ...work.node.spec.modules].join(",");
  const command = ["server", "-c", CONFIG, "-d", work.database, "-i", modules, "--stop-after-init", "--no-http"];
  await tolerating(work.node.id, [404], () => scope.docker.getVolume(workVolume(scope, work)).remove({ force: true }));
  await runJob(scope, await odooJob(scope, work, { name: "install", command, seconds: INSTALL_SECONDS }));
}

/** Asks for the first page and its files, so that these lie in the template, then saves the attachments. */
export async function warmAndSaveFiles(scope: Scope, work: TemplateWork, room: TemplateArchive): Promise<void> {
  const command = ["server", "-c", CONFIG, "-d", work.database];
  const id = await startJob(scope, await odooJob(scope, work, { name: "warm", command, seconds: WARM_SECONDS }));
  const container = scope.docker.getContainer(id);
  try {
    await warm(scope, work, id);
    await engineCall(work.node.id, () => container.stop({ t: 20 }));
    const files = await orAbsent(work.node.id, () => container.getArchive({ path: `${DATA}/filestore/${work.database}` }));
    if (files === undefined) throw failure("BAL-E007", work.node.id, "the template has no attachments: its assets were not rendered");
    await engineCall(work.node.id, () => saveFilestore(files, work.database, room.filestore));
  } finally {
    await endJob(scope, work.node.id, id);
    await tolerating(work.node.id, [404], () => scope.docker.getVolume(workVolume(scope, work)).remove({ force: true }));
  }
}

async function warm(scope: Scope, work: TemplateWork, id: string): Promise<void> {
  const deadline = performance.now() + WARM_SECONDS * 1000;
  const { NetworkSettings: settings } = await engineCall(work.node.id, () => scope.docker.getContainer(id).inspect());
  const address = Object.values(settings.Networks)[0]?.IPAddress;
  for (;;) {
    const missing = await warmPage(`http://${address}:8069`);
    if (missing === undefined) return;
    const { State: state } = await engineCall(work.node.id, () => scope.docker.getContainer(id).inspect());
    if (!state.Running || performance.now() > deadline) {
      const words = await engineCall(work.node.id, () => lastLines(scope, id, 10));
      throw failure("BAL-E007", work.node.id, `the new template serves no page (${missing}): ${words}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Dumps the finished database into the archive's folder. */
export async function dumpTemplate(scope: Scope, work: TemplateWork, room: TemplateArchive): Promise<void> {
  const command = ["--format=custom", "--compress=1", "--no-comments", "--no-owner", "--file=/archive/database.dump", ...connection(work)];
  await runJob(
    scope,
    await postgresJob(scope, work, { name: "dump", entrypoint: "pg_dump", command, folders: { [room.folder]: "/archive" } }),
  );
}

/** Restores a kept template into the empty database. */
export async function restoreTemplate(scope: Scope, work: TemplateWork): Promise<void> {
  const { folder } = keptArchive(scope, work.key);
  work.progress("restoring the kept template");
  const command = ["--no-owner", "--no-comments", "--exit-on-error", "--jobs=2", ...connection(work), "/archive/database.dump"];
  await runJob(
    scope,
    await postgresJob(scope, work, { name: "restore", entrypoint: "pg_restore", command, files: { [folder]: "/archive" } }),
  );
}

function connection(work: TemplateWork): string[] {
  return [
    `--host=${nameOf(work.server)}`,
    `--port=${POSTGRES_PORT}`,
    `--username=${work.role}`,
    `--dbname=${work.database}`,
    "--no-password",
  ];
}

const CONFIG = "/etc/ballast/odoo.conf";
const DATA = "/var/lib/odoo";

function workVolume(scope: Scope, work: TemplateWork): string {
  return objectName(scope.owner, work.node.id, "work");
}

async function odooJob(scope: Scope, work: TemplateWork, job: { name: string; command: string[]; seconds: number }): Promise<Job> {
  const facts = seriesFacts(work.node.spec.series);
  if (facts === undefined) throw failure("BAL-E001", work.node.id, `Odoo ${work.node.spec.series} is not a series that can be run`);
  const content = renderConfig({
    facts,
    databaseHost: nameOf(work.server),
    databasePort: POSTGRES_PORT,
    databaseName: work.database,
    databaseRole: work.role,
    databasePassword: work.password,
    masterPasswordHash: await passwordHash(randomBytes(24).toString("hex"), randomBytes(16), 6000),
    roles: ["web", "websocket"],
    workers: 0,
    cronThreads: 0,
    connectionsPerProcess: 16,
    memoryMiB: 2048,
    logLevel: "warn",
  });
  const file = await writeJobFile(scope, work.node.id, { name: "odoo.conf", content });
  return {
    node: work.node.id,
    name: job.name,
    stack: work.stack,
    imageId: work.imageId,
    command: job.command,
    files: { [file]: CONFIG },
    volumes: { [workVolume(scope, work)]: DATA },
    memoryMiB: 2048,
    seconds: job.seconds,
    signal: work.signal,
  };
}

async function postgresJob(
  scope: Scope,
  work: TemplateWork,
  job: { name: string; entrypoint: string; command: string[]; files?: Record<string, string>; folders?: Record<string, string> },
): Promise<Job> {
  // The tools must be of the server's version.
  const imageId = await imageOf(scope, work.server);
  const content = `*:*:*:${work.role}:${work.password}\n`;
  const file = await writeJobFile(scope, work.node.id, { name: "pgpass", content });
  return {
    node: work.node.id,
    name: job.name,
    stack: work.stack,
    imageId,
    entrypoint: [job.entrypoint],
    command: job.command,
    environment: { PGPASSFILE: "/run/secrets/pgpass" },
    files: { [file]: "/run/secrets/pgpass", ...job.files },
    ...(job.folders === undefined ? {} : { folders: job.folders }),
    volumes: {},
    memoryMiB: 512,
    seconds: 600,
    signal: work.signal,
  };
}
