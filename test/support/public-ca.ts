import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type Dockerode from "dockerode";
import { issueCertificate, makeAuthority } from "../../src/adapters/authority/authority.ts";
import { PACKAGE_ROOT } from "./docker-installation.ts";
import { farSide, placesIn } from "./far-side.ts";

const NAME = "standing-for-a-public-ca.example";
const DIRECTORY_PORT = 14_000;
const MANAGEMENT_PORT = 15_000;
const CHALLENGE_PORT = 5001;

/** Why Pebble cannot be built here; undefined where it can. */
export function whyNoPebble(): string | undefined {
  try {
    const version = execFileSync("go", ["env", "GOVERSION"], { env: goEnvironment(), encoding: "utf8", cwd: tmpdir() }).trim();
    const [, minor] = /^go1\.(\d+)/.exec(version) ?? [];
    return Number(minor) >= 26 ? undefined : `Pebble is built with Go 1.26 or newer, and here is ${version}`;
  } catch {
    return "Pebble is built with Go, which is not on PATH";
  }
}

/** What is built is said by go.mod and go.sum beside the test: `readonly` takes no other version, and every module must have its digest. */
function goEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, CGO_ENABLED: "0", GOTOOLCHAIN: "local", GOFLAGS: "-mod=readonly" };
}

/**
 * Pebble, the ACME server of Let's Encrypt for tests, in a container and a range of its own. It stands for a public authority at the far side of the
 * internet: it checks tls-alpn-01 for real, by a way that leads through the machine to the published port of the ingress, as the internet does.
 */
export interface PublicCa {
  readonly directory: string;
  /** PEM: behind its directory, and behind what it signs. */
  readonly roots: string;
  /** PEM of the one that signs. */
  readonly issuer: string;
  /** The range in which it lies. */
  readonly range: string;
  /** From now on its name leads to it for the proxies of a fleet. */
  readonly open: (fleet: string) => Promise<void>;
  /** Where its challenges are led to. */
  leadTo(place: { readonly address: string; readonly port: number }): void;
  /** How often it connected to what its challenges are led to. */
  challenges(): number;
  readonly remove: () => Promise<void>;
}

/** @param hosts for which it may be asked; it finds them at the machine. */
export async function publicCa(docker: Dockerode, range: string, hosts: readonly string[]): Promise<PublicCa> {
  const name = `standing-for-a-public-ca-${randomBytes(3).toString("hex")}`;
  const folder = mkdtempSync(join(tmpdir(), "ballast-pebble-"));
  const signer = await imageFiles(folder, name);
  await docker.importImage(join(folder, "image.tar"), { repo: name, tag: "test" }).then(drain);
  rmSync(folder, { recursive: true });
  const { gateway } = placesIn(range);
  const container = await docker.createContainer({
    name,
    Image: `${name}:test`,
    Cmd: ["/pebble", "-config", "/pebble.json"],
    Env: ["PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0"],
    HostConfig: { NetworkMode: "none", Memory: 128 * 1024 ** 2, ExtraHosts: hosts.map((host) => `${host}:${gateway}`) },
  });
  await container.start();
  const far = await farSide(docker, container, { range, names: [NAME] });
  const issuer = await rootOf(far.address, signer);
  let place: { readonly address: string; readonly port: number } | undefined;
  let challenges = 0;
  const relay = createServer((socket) => {
    challenges++;
    const on = place === undefined ? undefined : connect(place.port, place.address);
    socket.on("error", () => on?.destroy()).on("close", () => on?.destroy());
    on?.on("error", () => socket.destroy()).on("close", () => socket.destroy());
    if (on === undefined) socket.destroy();
    else socket.pipe(on).pipe(socket);
  }).listen(CHALLENGE_PORT, gateway);
  await once(relay, "listening");
  return {
    directory: `https://${NAME}:${DIRECTORY_PORT}/dir`,
    roots: `${signer.trim()}\n${issuer.trim()}\n`,
    issuer,
    range,
    open: far.open,
    leadTo: (where) => {
      place = where;
    },
    challenges: () => challenges,
    async remove() {
      relay.close();
      await far.remove();
      await docker.getImage(`${name}:test`).remove();
    },
  };
}

/** An image of the program and its settings alone; the authority behind its own door. */
async function imageFiles(folder: string, name: string): Promise<string> {
  const root = join(folder, "root");
  mkdirSync(root);
  const build = ["build", "-trimpath", "-o", join(root, "pebble"), "github.com/letsencrypt/pebble/v2/cmd/pebble"];
  execFileSync("go", build, { cwd: join(PACKAGE_ROOT, "test/support/pebble"), env: goEnvironment(), stdio: "pipe", timeout: 300_000 });
  const validity = { notBefore: new Date(Date.now() - 3_600_000), validDays: 2 };
  const signer = await makeAuthority({ name, domain: "example", ...validity });
  const { certificate, key } = await issueCertificate(signer, { names: [NAME], ...validity });
  writeFileSync(join(root, "certificate.pem"), certificate);
  writeFileSync(join(root, "key.pem"), key);
  const pebble = {
    listenAddress: `0.0.0.0:${DIRECTORY_PORT}`,
    managementListenAddress: `0.0.0.0:${MANAGEMENT_PORT}`,
    certificate: "/certificate.pem",
    privateKey: "/key.pem",
    tlsPort: CHALLENGE_PORT,
    httpPort: 5002,
    keyAlgorithm: "ecdsa",
    retryAfter: { authz: 1, order: 1 },
  };
  writeFileSync(join(root, "pebble.json"), JSON.stringify({ pebble }));
  execFileSync("tar", ["-C", root, "-cf", join(folder, "image.tar"), "."]);
  return signer.certificate;
}

async function drain(stream: NodeJS.ReadableStream): Promise<void> {
  stream.resume();
  await once(stream, "end");
}

/** The root that it made for itself when it started. */
async function rootOf(address: string, ca: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await page({ host: address, port: MANAGEMENT_PORT, path: "/roots/0", servername: NAME, ca });
    } catch (error) {
      if (attempt >= 40) throw error;
      await wait(250);
    }
  }
}

function page(where: { host: string; port: number; path: string; servername: string; ca: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ ...where, agent: false, timeout: 5000 }, (answer) => {
      let text = "";
      answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
      answer.on("end", () => resolve(text));
    });
    call.on("error", reject).on("timeout", () => call.destroy(new Error("it does not answer")));
    call.end();
  });
}
