import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { doorOf } from "../../src/adapters/http/door.ts";
import { requestThrough } from "../../src/adapters/http/through.ts";
import type { FleetStatus } from "../../src/api/contract/contract.ts";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import { endControlPlane } from "../support/control-plane.ts";
import { output, until } from "../support/docker-bench.ts";
import { PACKAGE_ROOT } from "../support/docker-installation.ts";
import { insidesOf } from "../support/fleet-insides.ts";
import { endsWell, launchedFleet } from "../support/launched-fleet.ts";
import { type PublicCa, publicCa, whyNoPebble } from "../support/public-ca.ts";

const missing = whyNoPebble();
const docker = dockerClient();
const fleet = launchedFleet("acme");
const insides = insidesOf(fleet);
const host = `acme.${fleet.name}.localhost`;
let ca: PublicCa;

function declaration(): string {
  const roots = JSON.stringify(ca.roots);
  const acme = `{ email: ops@acme.example, directory: "${ca.directory}", network: ${ca.range}, roots: ${roots} }`;
  return readFileSync(join(PACKAGE_ROOT, "examples/hello/fleet.yaml"), "utf8").replace(
    "metadata: { name: hello }",
    `metadata: { name: ${fleet.name} }\nspec: { ingress: { certificates: { acme: ${acme} } } }`,
  );
}

/** What is shown for a host; nothing is trusted. */
async function shown(servername: string): Promise<X509Certificate | undefined> {
  const { address, port } = fleet.entrance("acme");
  const socket = connect({ host: address, port, servername, rejectUnauthorized: false });
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(20_000) });
    return socket.getPeerX509Certificate();
  } finally {
    socket.destroy();
  }
}

async function statusOf(stack: string): Promise<{ state: string; because: readonly string[] } | undefined> {
  const status = JSON.parse((await fleet.ballast("status", fleet.folder, "--json")).out) as FleetStatus;
  const one = status.stacks.find((found) => found.stack === stack);
  return one && { state: one.state, because: one.because };
}

describe.skipIf(missing !== undefined)(`certificates by ACME${missing === undefined ? "" : ` (${missing})`}`, () => {
  beforeAll(async () => {
    ca = await publicCa(docker, "10.221.9.0/28", [host]);
    fleet.declare(declaration());
    await endsWell(fleet.ballast("up", fleet.folder, "--yes"));
    ca.leadTo(fleet.entrance("acme"));
  }, 600_000);
  afterAll(async () => {
    await fleet.remove();
    await ca?.remove();
  }, 120_000);

  test("while the authority cannot be reached, the host is served with the fleet's own certificate, and status says so", async () => {
    expect((await shown(host))?.subjectAltName).toBe(`DNS:fallback.ballast.${fleet.name}.localhost`);
    const says = `BAL-E013 ${host} is served with the fleet's own certificate: none has come by ACME yet, and browsers refuse it`;
    expect(await statusOf("acme/production")).toEqual({ state: "degraded", because: [says] });
    expect(await statusOf("platform/here")).toEqual({ state: "serving", because: [] });
    await expect(shown("elsewhere.example")).rejects.toThrow(/alert/);
  });

  test("once it can be reached, it is asked again by itself, and the host is served with a certificate that it signed after it asked the ingress itself", async () => {
    await ca.open(fleet.name);
    const startedAt = async () => (await (await insides.container("platform/here/ingress")).inspect()).State.StartedAt;
    const before = await startedAt();
    // It is asked again a minute after it was missed, also where that was seen by a control plane that has ended.
    await endControlPlane(fleet.installation);
    await endsWell(fleet.ballast("up", fleet.folder, "--yes"));
    const certificate = await until("a certificate of the authority", 150, async () => {
      const now = await shown(host).catch(() => undefined);
      return now?.subjectAltName === `DNS:${host}` ? now : undefined;
    });
    expect(await startedAt()).toBe(before);
    expect(certificate.issuer).toMatch(/CN=Pebble Intermediate CA/);
    // Pebble asks from three places, and signs after the ingress answered to all of them.
    expect(ca.challenges()).toBeGreaterThanOrEqual(3);
    const { ca: own, ...entrance } = fleet.entrance("acme");
    const door = { ...entrance, ca: ca.issuer };
    expect((await requestThrough(door, { host, path: "/web/login", seconds: 20 })).status).toBe(200);
    await expect(requestThrough({ ...door, ca: own }, { host, path: "/web/login", seconds: 20 })).rejects.toThrow(
      /no authority that is trusted here has signed/,
    );
    expect(await statusOf("acme/production")).toEqual({ state: "serving", because: [] });
  });

  test("Ballast's own calls trust what the authority signed", async () => {
    const { address, port, ca: own } = fleet.entrance("acme");
    const acme = { email: "", directory: ca.directory, roots: ca.roots, fallback: `fallback.ballast.${fleet.name}.localhost` };
    const door = doorOf({ address, port, acme }, own);
    expect((await requestThrough(door, { host, path: "/web/login", seconds: 20 })).status).toBe(200);
    const journey = await fleet.ballast("journey", fleet.folder, "acme/production");
    expect([journey.code, journey.out]).toEqual([0, expect.stringContaining("the login page came over HTTPS")]);
  });

  test("account and certificate are on a volume, for the ingress alone, and outlive its container", async () => {
    const asked = await insides.inside("platform/here/ingress", ["stat", "-c", "%a %u", "/var/lib/ballast/acme/acme.json"]);
    expect(asked.text.trim()).toBe("600 10001");
    const before = (await shown(host))?.fingerprint256;
    await (await insides.container("platform/here/ingress")).remove({ force: true });
    const again = await until("the ingress recreated", 90, async () => (await shown(host).catch(() => undefined))?.fingerprint256);
    expect(again).toBe(before);
  });

  test("the ingress reaches the directory and nothing else", async () => {
    const ask = async (place: string) =>
      (
        await insides.inside("platform/here/ingress", [
          "bash",
          "-c",
          `exec 3<>/dev/tcp/egress.here.platform/3128; printf 'CONNECT ${place} HTTP/1.1\\r\\nHost: ${place}\\r\\n\\r\\n' >&3; head -1 <&3`,
        ])
      ).text.trim();
    const { host: directory } = new URL(ca.directory);
    const first = await ask(directory);
    // With the proxy's own lines: they say why.
    const lines = first.includes(" 200 ") ? "" : await output(await insides.container("platform/here/egress"));
    expect([first, lines]).toEqual([expect.stringMatching(/ 200 /), ""]);
    expect(await ask("elsewhere.example:443")).toMatch(/ 403 /);
    expect(await ask(directory.replace("14000", "15000"))).toMatch(/ 403 /);
    const direct = await insides.inside("platform/here/ingress", ["timeout", "4", "bash", "-c", "exec 3<>/dev/tcp/198.51.100.7/443"]);
    expect(direct.exit).not.toBe(0);
  });
});
