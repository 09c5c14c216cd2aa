import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { globSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { issueCertificate, makeAuthority } from "../../src/adapters/authority/authority.ts";
import type { FleetStatus } from "../../src/api/contract/contract.ts";
import { PACKAGE_ROOT } from "../support/docker-installation.ts";
import { insidesOf } from "../support/fleet-insides.ts";
import { endsWell, launchedFleet } from "../support/launched-fleet.ts";
import { startLoop } from "../support/neighbour-loop.ts";

const fleet = launchedFleet("ingress-certificate");
const insides = insidesOf(fleet);
const INGRESS = "platform/here/ingress";
const DOMAIN = `${fleet.name}.localhost`;

interface Pair {
  readonly certificate: string;
  readonly key: string;
}

let folder: string;

function pairInFiles(): Pair {
  return { certificate: readFileSync(join(folder, "certificate.pem"), "utf8"), key: readFileSync(join(folder, "key.pem"), "utf8") };
}

/** In place, as somebody's copy or a torn write would be. */
function spoil({ certificate, key }: Pair): void {
  writeFileSync(join(folder, "certificate.pem"), certificate);
  writeFileSync(join(folder, "key.pem"), key);
}

/** Has the ingress read its files now: something in the folder that it watches is written. */
function touchConfig(): void {
  const options = join(fleet.installation.root, "ingress/00-options.yaml");
  writeFileSync(`${options}.making-test`, readFileSync(options));
  renameSync(`${options}.making-test`, options);
}

const fingerprint = ({ certificate }: Pair) => new X509Certificate(certificate).fingerprint256;

async function shown(): Promise<string> {
  const { address: host, port } = fleet.entrance("acme");
  const socket = connect({ host, port, servername: fleet.host("acme"), rejectUnauthorized: false });
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(10_000) });
    return socket.getPeerX509Certificate()?.fingerprint256 ?? "none";
  } catch (error) {
    return `none: ${(error as NodeJS.ErrnoException).code}`;
  } finally {
    socket.destroy();
  }
}

const answered = () =>
  fleet.ask("acme", "/web/login", { seconds: 10 }).then(
    ({ status }) => String(status),
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );

async function statusOf(stack: string): Promise<FleetStatus["stacks"][number] | undefined> {
  const status = JSON.parse((await fleet.ballast("status", fleet.folder, "--json")).out) as FleetStatus;
  return status.stacks.find((one) => one.stack === stack);
}

const platform = () => statusOf("platform/here");

const startedAt = async () => (await (await insides.container(INGRESS)).inspect()).State.StartedAt;

beforeAll(async () => {
  const hello = readFileSync(join(PACKAGE_ROOT, "examples/hello/fleet.yaml"), "utf8");
  fleet.declare(hello.replace("metadata: { name: hello }", `metadata: { name: ${fleet.name} }`));
  await endsWell(fleet.ballast("up", fleet.folder, "--yes"));
  folder = dirname(globSync(join(fleet.installation.volatile, "tls/nodes/**/certificate.pem"))[0] as string);
}, 600_000);
afterAll(async () => {
  await fleet.remove();
}, 120_000);

test("status says so when the ingress serves another certificate than it was given", async () => {
  const given = pairInFiles();
  const seen = async () => {
    const { state, because } = (await platform()) ?? {};
    return { state, because };
  };
  expect(await seen()).toEqual({ state: "serving", because: [] });
  const other = readFileSync(join(fleet.installation.root, "ca.pem"), "utf8");
  try {
    const words = "BAL-E012 the ingress serves another certificate than the one that was issued for it";
    // The reconciler writes the right one again within a look; then it is put in its place once more.
    const spoilt = async () => {
      spoil({ ...given, certificate: other });
      return await seen();
    };
    await expect.poll(spoilt, { timeout: 60_000 }).toEqual({ state: "degraded", because: [words] });
  } finally {
    spoil(given);
  }
});

test.each(["foreign", "torn"])(
  "an ingress that started on %s files shows its own certificate again once they are put back, and until then nothing says that it serves",
  async (how) => {
    const given = pairInFiles();
    const authority = await makeAuthority({ name: "other", domain: DOMAIN, notBefore: new Date(), validDays: 10 });
    const foreign = await issueCertificate(authority, { names: [`*.${DOMAIN}`, DOMAIN], notBefore: new Date(), validDays: 5 });
    const wrong = how === "foreign" ? foreign : { certificate: given.certificate.slice(0, 200), key: given.key.slice(0, 40) };
    spoil(wrong);
    // A look that comes before the ingress has read them puts them back, so that nothing would be tested.
    const keep = setInterval(() => spoil(wrong), 50);
    try {
      await (await insides.container(INGRESS)).restart();
      const refused = /^(ERR_SSL_|EPROTO|SELF_SIGNED|UNABLE_TO_|DEPTH_ZERO|CERT_)/;
      await expect.poll(answered, { timeout: 20_000, interval: 100 }).toMatch(refused);
    } finally {
      clearInterval(keep);
    }
    const untrue: string[] = [];
    // Repairs that were spoilt at once did not help, so the next one by itself has a pause before it.
    const applied = endsWell(fleet.ballast("apply", fleet.folder));
    let said = await answered();
    for (const end = Date.now() + 40_000; said !== "200" && Date.now() < end; ) {
      const status = await platform();
      said = await answered();
      if (said !== "200" && status?.state === "serving") untrue.push(`serving, and ${said}`);
    }
    await applied;
    expect([said, await shown(), untrue]).toEqual(["200", fingerprint(given), []]);
    await expect.poll(platform, { timeout: 30_000 }).toMatchObject({ state: "serving", drift: [] });
    const { out } = await fleet.ballast("why", fleet.folder, "platform/here");
    expect(out).toContain("the ingress was asked for its certificate and showed the one that it was given");
  },
  90_000,
);

test("an ingress that started on a torn route shows its certificate and leads to the tenant again once that is put back", async () => {
  const [route = ""] = globSync(join(fleet.installation.root, "ingress/acme-production-*.yaml"));
  const given = readFileSync(route, "utf8");
  const tear = () => writeFileSync(route, given.slice(0, 200));
  const keep = setInterval(tear, 50);
  try {
    await (await insides.container(INGRESS)).restart();
    await expect.poll(answered, { timeout: 20_000, interval: 100 }).toMatch(/^(ERR_SSL_|EPROTO|404)/);
  } finally {
    clearInterval(keep);
  }
  // Repairs that were spoilt at once did not help, so the next one by itself has a pause before it.
  await endsWell(fleet.ballast("apply", fleet.folder));
  await expect.poll(answered, { timeout: 10_000, interval: 200 }).toBe("200");
  await expect.poll(async () => (await platform())?.state, { timeout: 30_000 }).toBe("serving");
  expect(readFileSync(route, "utf8")).toBe(given);
}, 90_000);

test("an authority's file that somebody replaced is no verdict of browsers: the page is unknown until it is put back", async () => {
  const path = join(fleet.installation.root, "ca.pem");
  const given = readFileSync(path, "utf8");
  const other = await makeAuthority({ name: "other", domain: DOMAIN, notBefore: new Date(), validDays: 10 });
  // What was seen of the page before is told for some seconds.
  await expect.poll(async () => (await statusOf("acme/production"))?.state, { timeout: 30_000 }).toBe("serving");
  const told: unknown[] = [];
  // Put back at any look, and then replaced once more, until a look at the page met it.
  const seen = async () => {
    writeFileSync(path, other.certificate);
    const { state, because } = (await statusOf("acme/production")) ?? {};
    if (state !== "serving" && state !== "unknown") told.push([state, because]);
    return state;
  };
  await expect.poll(seen, { timeout: 40_000, interval: 1000 }).toBe("unknown");
  expect(told).toEqual([]);
  await endsWell(fleet.ballast("apply", fleet.folder));
  expect(readFileSync(path, "utf8")).toBe(given);
}, 90_000);

test("an ingress that read its former certificate reads the one in force again: nobody is cut off, and it is not restarted", async () => {
  const former = pairInFiles();
  await endsWell(fleet.ballast("rotate", fleet.folder, "--only", "certificate"));
  const given = pairInFiles();
  expect(given.certificate).not.toBe(former.certificate);
  const began = await startedAt();
  const loop = await startLoop(fleet, "acme", 500);
  for (let round = 0; round < 3; round++) {
    spoil(former);
    touchConfig();
    const now = async () => [pairInFiles(), await shown()];
    await expect.poll(now, { timeout: 30_000, interval: 200 }).toEqual([given, fingerprint(given)]);
  }
  const { failed, requests } = await loop.stop();
  expect(failed).toEqual([]);
  expect(requests).toBeGreaterThan(3);
  expect(await startedAt()).toBe(began);
}, 120_000);
