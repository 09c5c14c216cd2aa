import { randomBytes } from "node:crypto";
import type Dockerode from "dockerode";
import { issueCertificate, makeAuthority } from "../../src/adapters/authority/authority.ts";

/** A TLS server for every name that the fake carrier goes by. */
const SERVER = `
import http.server, os, ssl
for name in ("certificate", "key"):
    open("/tmp/" + name, "w").write(os.environ[name.upper()])
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(("fake carrier answers for " + self.headers["Host"]).encode())
    def log_message(self, *_):
        pass
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/tmp/certificate", "/tmp/key")
server = http.server.ThreadingHTTPServer(("0.0.0.0", 8443), Answer)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
`;

/** Somebody at the far side of a network of its own, who stands in for systems of others: nothing of Ballast reaches it but what is let into that network. */
export interface FakeCarrier {
  /** Range of the addresses behind its names. */
  readonly range: string;
  readonly address: string;
  /** PEM, of the authority behind its certificate. */
  readonly authority: string;
  letIn(container: Dockerode.Container): Promise<void>;
  remove(): Promise<void>;
}

export async function fakeCarrier(docker: Dockerode, image: string, range: string, names: readonly string[]): Promise<FakeCarrier> {
  const name = `fake-carrier-${randomBytes(3).toString("hex")}`;
  const validity = { notBefore: new Date(Date.now() - 3_600_000), validDays: 2 };
  const signer = await makeAuthority({ name, domain: "example", ...validity });
  const { certificate, key } = await issueCertificate(signer, { names, ...validity });
  const network = await docker.createNetwork({ Name: name, Internal: true, IPAM: { Config: [{ Subnet: range }] } });
  const container = await docker.createContainer({
    name,
    Image: image,
    Entrypoint: ["python3", "-c", SERVER],
    Env: [`CERTIFICATE=${certificate}`, `KEY=${key}`],
    HostConfig: { NetworkMode: name, Init: true, Memory: 128 * 1024 ** 2 },
    NetworkingConfig: { EndpointsConfig: { [name]: { Aliases: [...names] } } },
  });
  await container.start();
  const { NetworkSettings: settings } = await container.inspect();
  return {
    range,
    address: settings.Networks[name]?.IPAddress ?? "",
    authority: signer.certificate,
    letIn: async (guest) => {
      await network.connect({ Container: guest.id });
    },
    async remove() {
      await container.remove({ force: true, v: true });
      const { Containers: left = {} } = (await network.inspect()) as { Containers?: Record<string, unknown> };
      for (const Container of Object.keys(left)) await network.disconnect({ Container, Force: true });
      await network.remove();
    },
  };
}
