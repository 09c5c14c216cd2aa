import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { REQUEST_LIMIT_SECONDS } from "../../../domain/odoo/config.ts";
import type { NodeId, StackNode } from "../../../domain/stack/node.ts";
import { addressOf, removeContainer, runContainer } from "../container/containers.ts";
import { replaceWatched } from "../container/files.ts";
import { ask, waitUntilReady } from "../container/ready.ts";
import type { ContainerShape } from "../container/wanted-container.ts";
import { ACME_INSIDE, ACME_ROOTS_FILE, acmeArguments, acmeEnvironment, acmeVolume } from "../ingress/acme-config.ts";
import { CONFIG_INSIDE, configFolder, INGRESS_PORT, TLS_INSIDE, tlsFolder } from "../ingress/ingress-config.ts";
import { writeIngressFiles } from "../ingress/ingress-files.ts";
import { showGiven } from "../ingress/show-given.ts";
import { rejoin } from "../network/attach-servers.ts";
import { limitSources } from "../network/limit-sources.ts";
import { volumeToMount } from "../observe/own-objects.ts";
import type { Scope } from "../scope.ts";
import type { DockerKind } from "./kind.ts";

const PING_PORT = 8082;
const MOST_HEADER_BYTES = 32 * 1024;

/** Static settings of the ingress: no Docker socket, no dashboard, no call home, forwarded headers trusted from nobody. */
function commandLine(): string[] {
  return [
    "--global.checknewversion=false",
    "--global.sendanonymoususage=false",
    `--entrypoints.websecure.address=:${INGRESS_PORT}`,
    "--entrypoints.websecure.http.tls=true",
    // `X_Forwarded_Host` must not be taken for `X-Forwarded-Host` by what stands behind.
    "--entrypoints.websecure.http.aliasheadersstrategy=delete",
    // `/web%2Fdatabase` is no closed path here, and is one for what stands behind.
    "--entrypoints.websecure.http.encodedcharacters.allowencodedslash=false",
    "--entrypoints.websecure.http.encodedcharacters.allowencodedbackslash=false",
    "--entrypoints.websecure.http.encodedcharacters.allowencodednullcharacter=false",
    "--entrypoints.ping.http.aliasheadersstrategy=delete",
    // Before the limit of Odoo, which counts from the first byte: past it an Odoo of one process starts again, for everybody.
    `--entrypoints.websecure.transport.respondingtimeouts.readtimeout=${REQUEST_LIMIT_SECONDS - 20}s`,
    // A browser opens six connections to a host: those that it leaves open count for its address.
    "--entrypoints.websecure.transport.respondingtimeouts.idletimeout=60s",
    // Of Traefik's own 1 MiB, two hundred connections that never end their headers are its whole memory.
    `--entrypoints.websecure.http.maxheaderbytes=${MOST_HEADER_BYTES}`,
    `--entrypoints.ping.address=:${PING_PORT}`,
    "--ping=true",
    "--ping.entrypoint=ping",
    `--providers.file.directory=${CONFIG_INSIDE}`,
    "--providers.file.watch=true",
    "--providers.providersthrottleduration=20ms",
    "--log.level=WARN",
    "--log.format=json",
    "--accesslog=true",
    "--accesslog.format=json",
    "--accesslog.fields.headers.defaultmode=drop",
  ];
}

export function ingressShape(node: StackNode<"ingress">): ContainerShape {
  const { spec } = node;
  return {
    command: [...commandLine(), ...acmeArguments(spec.acme)],
    ...acmeEnvironment(node),
    memoryMiB: spec.memoryMiB,
    cpuShares: 2048,
    pidsLimit: 256,
    watchesFiles: true,
    tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,size=16m" },
    restart: "on-failure",
    health: ["traefik", "healthcheck", "--ping=true", "--ping.entrypoint=ping", `--entrypoints.ping.address=:${PING_PORT}`],
  };
}

/** Roots of a private authority, which are public; where they lie. */
async function writeRoots(folder: string, roots: string | undefined): Promise<string | undefined> {
  const path = join(folder, ACME_ROOTS_FILE);
  if (roots === undefined) {
    await rm(path, { force: true });
    return undefined;
  }
  await replaceWatched(path, roots);
  return path;
}

async function untilItAnswers(scope: Scope, id: NodeId, signal: AbortSignal): Promise<void> {
  await waitUntilReady(scope, { node: id, seconds: 60, what: "the answer to a ping", signal }, async () => {
    const address = await addressOf(scope, id);
    return address !== undefined && (await ask(`http://${address}:${PING_PORT}/ping`)) === 200;
  });
}

export const ingress: DockerKind<"ingress"> = {
  async realise(scope, node, { change, context }) {
    const image = await scope.image(node.spec.image, context.progress, context.signal);
    await mkdir(tlsFolder(scope), { recursive: true, mode: 0o711 });
    const folder = await writeIngressFiles(scope);
    const roots = await writeRoots(folder, node.spec.acme?.roots);
    const volume = acmeVolume(node);
    const did = await runContainer(
      scope,
      {
        node,
        imageId: image.imageId,
        ...ingressShape(node),
        files: { [folder]: CONFIG_INSIDE, [tlsFolder(scope)]: TLS_INSIDE },
        ...(roots === undefined ? {} : { tracked: [roots] }),
        volumes: volume === undefined ? {} : { [await volumeToMount(scope, volume)]: ACME_INSIDE },
        publish: { address: node.spec.address, hostPort: node.spec.port, port: INGRESS_PORT },
      },
      { change },
    );
    await untilItAnswers(scope, node.id, context.signal);
    if (await showGiven(scope, node, context)) await untilItAnswers(scope, node.id, context.signal);
    await limitSources(scope, node);
    await rejoin(scope, node.id);
    return { did, facts: { imageId: image.imageId, folder: configFolder(scope) } };
  },
  remove: (scope, node) => removeContainer(scope, node.id),
};
