import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { SECURITY_OPTIONS } from "../../src/engines/docker/container/seccomp.ts";

/** The user of all images. */
export const IMAGE_UID = 10001;

export interface Start {
  readonly image: string;
  readonly name: string;
  readonly cmd?: string[];
  readonly entrypoint?: string[];
  readonly binds?: string[];
  readonly port?: number;
  readonly tmpfs?: Record<string, string>;
}

/** Containers, a network, volumes and files of one test, all with its label and its name, removed exactly at the end. */
export interface DockerBench {
  readonly folder: string;
  /** A file that only the user of the images may read, as Ballast hands out configuration and secrets. */
  handOut(file: string, content: string): string;
  volume(suffix: string): Promise<string>;
  /** As the Docker engine of Ballast runs everything: no capability, no new privileges, nothing writable but volumes and tmpfs. */
  start(wanted: Start): Promise<Docker.Container>;
  close(): Promise<void>;
}

export async function hostPort(container: Docker.Container, port: number): Promise<number> {
  const seen = await container.inspect();
  return Number(seen.NetworkSettings.Ports[`${port}/tcp`]?.[0]?.HostPort);
}

export async function output(container: Docker.Container): Promise<string> {
  // Frames of the engine's stream begin with eight bytes that are no text.
  return (await container.logs({ stdout: true, stderr: true })).toString("utf8").replace(/[^\P{C}\n]/gu, "");
}

export async function ended(container: Docker.Container): Promise<{ exit: number; text: string }> {
  const { StatusCode } = (await container.wait()) as { StatusCode: number };
  return { exit: StatusCode, text: await output(container) };
}

export async function execute(docker: Docker, container: Docker.Container, command: string[]): Promise<{ exit: number; out: Buffer }> {
  const exec = await container.exec({ Cmd: command, AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({});
  const chunks: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  docker.modem.demuxStream(stream, sink, sink);
  await new Promise((resolve) => stream.once("end", resolve));
  return { exit: (await exec.inspect()).ExitCode ?? -1, out: Buffer.concat(chunks) };
}

/** Asks again and again until there is an answer; an attempt that throws counts as none yet. */
export async function until<T>(what: string, seconds: number, attempt: () => Promise<T | undefined>): Promise<T> {
  let last: unknown;
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(200)) {
    try {
      const value = await attempt();
      if (value !== undefined) return value;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`${what} did not happen within ${seconds} s`, { cause: last });
}

function creation(wanted: Start, name: string, labels: Record<string, string>): Docker.ContainerCreateOptions {
  const port = wanted.port === undefined ? undefined : `${wanted.port}/tcp`;
  return {
    Image: wanted.image,
    name: `${name}-${wanted.name}`,
    Labels: labels,
    ...(wanted.cmd === undefined ? {} : { Cmd: wanted.cmd }),
    ...(wanted.entrypoint === undefined ? {} : { Entrypoint: wanted.entrypoint }),
    ...(port === undefined ? {} : { ExposedPorts: { [port]: {} } }),
    HostConfig: {
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: [...SECURITY_OPTIONS],
      Init: true,
      NetworkMode: name,
      Binds: wanted.binds ?? [],
      Tmpfs: { "/tmp": "rw,nosuid,nodev,size=256m,mode=1777", ...wanted.tmpfs },
      Memory: 2 * 1024 ** 3,
      PidsLimit: 512,
      ...(port === undefined ? {} : { PortBindings: { [port]: [{ HostIp: "127.0.0.1", HostPort: "0" }] } }),
    },
    NetworkingConfig: { EndpointsConfig: { [name]: { Aliases: [wanted.name] } } },
  };
}

export async function openBench(docker: Docker, topic: string): Promise<DockerBench> {
  const labels = { "ballast.test": topic };
  const name = `ballast-test-${topic}-${process.pid}`;
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  const network = await docker.createNetwork({ Name: name, Labels: labels });
  const containers: Docker.Container[] = [];
  const volumes: Docker.Volume[] = [];
  return {
    folder,
    handOut(file, content) {
      const path = join(folder, file);
      mkdirSync(dirname(path), { recursive: true });
      rmSync(path, { force: true });
      writeFileSync(path, content, { mode: 0o400 });
      chownSync(path, IMAGE_UID, IMAGE_UID);
      return path;
    },
    async volume(suffix) {
      const Name = `${name}-${suffix}`;
      await docker.createVolume({ Name, Labels: labels });
      volumes.push(docker.getVolume(Name));
      return Name;
    },
    async start(wanted) {
      const container = await docker.createContainer(creation(wanted, name, labels));
      containers.push(container);
      await container.start();
      return container;
    },
    async close() {
      for (const container of containers) await container.remove({ force: true, v: true });
      for (const volume of volumes) await volume.remove();
      await network.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
