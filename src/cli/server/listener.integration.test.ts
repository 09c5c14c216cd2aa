import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createClient } from "./client.ts";
import { isAlive, listenerAt } from "./listener.ts";

const NOBODY = 65_534;
const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A listener of another user that writes down what it is told; its port is free for it. */
async function strangersListener(): Promise<{ url: string; told: () => string }> {
  const script = `require("node:http").createServer((q, r) => { console.log("told", q.headers.authorization); r.end("{}"); })
    .listen(0, "127.0.0.1", function () { console.log("port", this.address().port); });`;
  const child = spawn(process.execPath, ["-e", script], { uid: NOBODY, gid: NOBODY, cwd: "/", stdio: ["ignore", "pipe", "inherit"] });
  ends.push(() => child.kill());
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  while (!out.includes("port")) await once(child.stdout, "data");
  return { url: `http://127.0.0.1:${/port (\d+)/.exec(out)?.[1]}`, told: () => out };
}

test.runIf(process.getuid?.() === 0)(
  "the token is not sent to a listener of another user that took the port of a control plane",
  async () => {
    const { url, told } = await strangersListener();
    expect(listenerAt(Number(new URL(url).port))).toBe(NOBODY);
    await expect(createClient({ at: () => ({ url }), token: () => "secret", owners: [0] }).status()).rejects.toMatchObject({
      problems: [{ code: "BAL-C044", message: expect.stringContaining(`a process of user ${NOBODY} listens there`) }],
    });
    expect(told()).not.toContain("secret");
  },
);

test("a control plane whose process ended is out of reach, whoever listens at its port now", async () => {
  const pid = spawnSync(process.execPath, ["-e", ""]).pid;
  expect([isAlive(process.pid), isAlive(pid)]).toEqual([true, false]);
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    response.end("{}");
  });
  ends.push(() => server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const owners = [process.getuid?.() ?? 0];
  await expect(createClient({ at: () => ({ url, pid }), token: () => "t", owners }).status()).rejects.toMatchObject({
    problems: [{ code: "BAL-C085", message: expect.stringContaining("its process has ended") }],
  });
  expect(asked).toBe(0);
  await expect(createClient({ at: () => ({ url, pid: process.pid }), token: () => "t", owners }).shutdown()).resolves.toBeUndefined();
  expect(asked).toBe(1);
});

test("who listens is read from the kernel's table", () => {
  const table = [
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
    "   0: 0100007F:1C84 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1",
    "   1: 0100007F:1C85 0100007F:1C84 01 00000000:00000000 00:00000000 00000000     7        0 2",
  ];
  expect([listenerAt(0x1c84, table), listenerAt(0x1c85, table), listenerAt(1, table)]).toEqual([1000, undefined, undefined]);
});

test("one who listens is found among hundreds, and a port at which nobody does is not", async () => {
  const servers = await Promise.all(
    Array.from({ length: 300 }, async () => {
      const server = createServer();
      ends.push(() => server.close());
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  const me = process.getuid?.() ?? 0;
  expect(ports.map((port) => listenerAt(port))).toEqual(ports.map(() => me));
  const [left] = servers;
  left?.close();
  await once(left as NonNullable<typeof left>, "close");
  expect(listenerAt(ports[0] as number)).toBeUndefined();
});
