import { once } from "node:events";
import { createServer, connect as tlsConnect } from "node:tls";

/** What a real TLS client that trusts `ca` alone says of a server that shows this certificate under this name. */
export async function handshake(ca: string, server: { certificate: string; key: string }, servername: string): Promise<string> {
  const listener = createServer({ cert: server.certificate, key: server.key }, (socket) => socket.end());
  listener.on("tlsClientError", () => undefined);
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as { port: number };
  const verdict = await new Promise<string>((resolve) => {
    const socket = tlsConnect({ host: "127.0.0.1", port, servername, ca }, () => resolve("trusted"));
    socket.on("error", (error) => resolve(error.message.split(".")[0] as string));
    socket.on("close", () => resolve("closed"));
    socket.on("data", () => undefined);
  });
  listener.close();
  return verdict;
}
