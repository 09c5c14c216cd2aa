import { randomBytes } from "node:crypto";
import type Dockerode from "dockerode";
import { issueCertificate, makeAuthority } from "../../src/adapters/authority/authority.ts";
import { farSide } from "./far-side.ts";

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

/** Somebody in a range beyond the machine, who stands in for systems of others. */
export interface FakeCarrier {
  /** Range of the addresses behind its names. */
  readonly range: string;
  readonly address: string;
  /** PEM, of the authority behind its certificate. */
  readonly authority: string;
  /** From now on its names lead to it for the proxies of a fleet. */
  readonly open: (fleet: string) => Promise<void>;
  readonly remove: () => Promise<void>;
}

export async function fakeCarrier(docker: Dockerode, image: string, range: string, names: readonly string[]): Promise<FakeCarrier> {
  const name = `fake-carrier-${randomBytes(3).toString("hex")}`;
  const validity = { notBefore: new Date(Date.now() - 3_600_000), validDays: 2 };
  const signer = await makeAuthority({ name, domain: "example", ...validity });
  const { certificate, key } = await issueCertificate(signer, { names, ...validity });
  const container = await docker.createContainer({
    name,
    Image: image,
    Entrypoint: ["python3", "-c", SERVER],
    Env: [`CERTIFICATE=${certificate}`, `KEY=${key}`],
    HostConfig: { NetworkMode: "none", Init: true, Memory: 128 * 1024 ** 2 },
  });
  await container.start();
  const { address, open, remove } = await farSide(docker, container, { range, names });
  return { range, address, authority: signer.certificate, open, remove };
}
