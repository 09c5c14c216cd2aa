import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { NodeId } from "../../../domain/stack/node.ts";
import { tolerating } from "../call.ts";
import type { Scope } from "../scope.ts";
import { replaceFile } from "./files.ts";

type Place = { readonly paths: Pick<Scope["paths"], "volatile"> };

function folderOf({ paths }: Place, node: NodeId): string {
  return join(paths.volatile, "jobs", node);
}

/** Writes what a job of a node reads, such as the passwords of the servers that it works on; it goes with the end of the job. */
export async function writeJobFile(scope: Place, node: NodeId, file: { readonly name: string; readonly content: string }): Promise<string> {
  const folder = folderOf(scope, node);
  await mkdir(folder, { recursive: true, mode: 0o711 });
  const path = join(folder, file.name);
  await replaceFile(path, file.content, true);
  return path;
}

/** Takes away what a job of a node reads. One that still runs has it open. */
export async function dropJobFiles(scope: Place, node: NodeId): Promise<void> {
  await rm(folderOf(scope, node), { recursive: true, force: true });
}

/** Ends the jobs of a process that was killed, and takes away what they read: for a control plane that begins, before it begins any job. */
export async function sweepJobs(scope: Place & Pick<Scope, "docker"> & { readonly instance: string }): Promise<void> {
  const jobs = await scope.docker.listContainers({ all: true, filters: { label: [`ballast.job=${scope.instance}`] } });
  for (const { Id } of jobs) await tolerating("jobs", [404, 409], () => scope.docker.getContainer(Id).remove({ force: true, v: true }));
  await rm(join(scope.paths.volatile, "jobs"), { recursive: true, force: true });
}
