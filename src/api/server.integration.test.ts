import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { memoryPlane } from "../../test/support/memory-plane.ts";
import type { Api } from "./api.ts";
import type { ConnectionLimits } from "./connections.ts";
import type { ControlPlane } from "./port.ts";
import { buildApi } from "./server.ts";

const TOKEN = "t".repeat(43);
const LIMITS: ConnectionLimits = { all: 64, strangers: 16, streams: 4 };
const faults: unknown[] = [];
let api: Api;
let port: number;
let linesMade = 0;

/** Log lines without an end, as fast as they are taken. */
async function* endlessLog({ signal }: { signal: AbortSignal }) {
  while (!signal.aborted) {
    linesMade += 1;
    yield { node: "acme/production/odoo", at: "", text: "x".repeat(10_000) };
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function planeWith(more: Partial<ControlPlane>): ControlPlane {
  return { ...memoryPlane(() => undefined, process.pid), ...more };
}

async function built(token: () => string, plane: ControlPlane): Promise<Api> {
  return await buildApi({ plane, token, version: "0", limits: LIMITS, onFault: (error) => faults.push(error) });
}

beforeAll(async () => {
  api = await built(() => TOKEN, planeWith({ logs: endlessLog }));
  await api.listen({ host: "127.0.0.1", port: 0 });
  port = (api.server.address() as AddressInfo).port;
});
afterAll(async () => {
  await api.close();
});

const HEADERS = { host: "localhost", authorization: `Bearer ${TOKEN}` };

test("without a token in force nobody comes in, whatever is given; with one only who gives it", async () => {
  for (const token of ["", " ", "\n"]) {
    const open = await built(() => token, planeWith({}));
    for (const authorization of [undefined, "", "Bearer", "Bearer ", "bearer  ", `Bearer ${token}`, "Bearer x"]) {
      const headers = { host: "localhost", ...(authorization === undefined ? {} : { authorization }) };
      expect((await open.inject({ url: "/v1/health", headers })).statusCode).toBe(401);
    }
    await open.close();
  }
  const status = async (authorization: string) =>
    (await api.inject({ url: "/v1/health", headers: { ...HEADERS, authorization } })).statusCode;
  expect(await status(`Bearer ${TOKEN}`)).toBe(200);
  for (const wrong of ["", "Bearer ", `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, `Basic ${TOKEN}`])
    expect(await status(wrong)).toBe(401);
});

test("an odd id, address or query is refused with a code, and is no fault of the control plane", async () => {
  const odd = [
    "/v1/operations/%00",
    "/v1/operations/op%001",
    "/v1/operations/__proto__",
    "/v1/operations/constructor",
    "/v1/operations/..%2f..%2fetc%2fpasswd",
    "/v1/operations/%F0%9F%98%80",
    "/v1/operations/%ED%A0%80",
    "/v1/operations/%zz",
    "/v1/operations/%E2%80%AE",
    `/v1/operations/${"x".repeat(401)}`,
    `/v1/operations/${"x".repeat(5000)}`,
    "/v1/operations/%00/events",
    "/v1/operations/op-1/events?after=-1",
    "/v1/operations/op-1/events?after=1e999",
    "/v1/operations/%1b%5b2J/decisions",
    "/v1/operations?limit=0",
    "/v1/operations?limit=NaN",
    "/v1/logs?stack=%00",
    "/v1/logs?stack=acme%2Fproduction&node=%1b",
    `/v1/logs?stack=${"x".repeat(2000)}`,
    "/v1/logs",
    "/v1/nowhere",
    "/v1/operations/a/b/c",
  ];
  for (const url of odd) {
    const answer = await api.inject({ url, headers: HEADERS });
    expect([url, answer.statusCode < 500, answer.statusCode >= 400]).toEqual([url, true, true]);
    expect([url, answer.json<{ problems: { code: string }[] }>().problems[0]?.code]).toEqual([url, expect.stringMatching(/^BAL-A00[34]$/)]);
  }
  expect(faults).toEqual([]);
});

test("an operation cannot be begun with an odd id, name, reason or body", async () => {
  const good = { verb: "stop", id: "op-1", actor: "anna" };
  const bodies = [
    { ...good, id: "" },
    { ...good, id: "a\0" },
    { ...good, id: "__proto__" },
    { ...good, id: "a/b" },
    { ...good, id: "a".repeat(81) },
    { ...good, id: "ä" },
    { ...good, actor: "anna\u001b[2J" },
    { ...good, actor: "\ud800" },
    { verb: "remove", id: "op-1", actor: "anna", stack: "a\0b" },
    { verb: "apply", id: "op-1", actor: "anna", files: [{ path: "a.yaml", text: "" }], override: { reason: "a\u0007" } },
    { ...good, reason: "a\u202eb" },
  ].map((body) => JSON.stringify(body));
  for (const payload of [...bodies, "[", "null", '{"__proto__": {}}', '{"verb": "stop", "constructor": {"prototype": {}}}']) {
    const headers = { ...HEADERS, "content-type": "application/json" };
    const answer = await api.inject({ method: "POST", url: "/v1/operations", headers, payload });
    expect([payload, answer.statusCode, answer.json<{ problems: { code: string }[] }>().problems[0]?.code]).toEqual([
      payload,
      400,
      "BAL-A003",
    ]);
  }
  const large = { method: "POST", url: "/v1/shutdown", headers: { ...HEADERS, "content-type": "application/json" } } as const;
  expect((await api.inject({ ...large, payload: JSON.stringify("x".repeat(100_000)) })).statusCode).toBe(413);
  expect(faults).toEqual([]);
});

function silent(): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("error", () => resolve(socket));
    socket.once("connect", () => resolve(socket.resume()));
  });
}

async function health(): Promise<number> {
  const call = httpRequest({
    host: "127.0.0.1",
    port,
    path: "/v1/health",
    agent: false,
    headers: { authorization: HEADERS.authorization },
  });
  call.end();
  const [response] = (await once(call, "response")) as [{ statusCode: number; resume(): void }];
  response.resume();
  return response.statusCode;
}

test("two thousand silent connections take neither the files of the process nor the way in of who has the token, and are closed within seconds", async () => {
  const sockets: Socket[] = [];
  for (let round = 0; round < 40; round++) {
    sockets.push(...(await Promise.all(Array.from({ length: 50 }, silent))));
    const held = await new Promise<number>((resolve) => api.server.getConnections((_error, count) => resolve(count)));
    expect(held).toBeLessThanOrEqual(LIMITS.strangers + 1);
    expect(await health()).toBe(200);
  }
  // The rest goes by the time-out for the head of a request.
  await expect.poll(() => sockets.filter((socket) => !socket.destroyed).length, { timeout: 15_000 }).toBe(0);
});

function followed(): Promise<{ status: number; socket: Socket }> {
  const call = httpRequest({
    host: "127.0.0.1",
    port,
    path: "/v1/logs?stack=acme/production&follow=true",
    agent: false,
    headers: { authorization: HEADERS.authorization },
  });
  call.end();
  return new Promise((resolve, reject) => {
    call.on("error", reject);
    // Nobody reads the body.
    call.on("response", (response) => resolve({ status: response.statusCode ?? 0, socket: response.socket }));
  });
}

test("streams are bounded in number, and one that nobody reads does not fill the memory", async () => {
  const open = await Promise.all(Array.from({ length: LIMITS.streams }, followed));
  expect(open.map((one) => one.status)).toEqual([200, 200, 200, 200]);
  const further = await followed();
  expect(further.status).toBe(503);
  further.socket.destroy();
  // Made until the buffers of both ends are full; then nothing more.
  let before = -1;
  await expect
    .poll(
      () => {
        const still = linesMade === before;
        before = linesMade;
        return still;
      },
      { timeout: 20_000, interval: 500 },
    )
    .toBe(true);
  expect(linesMade * 10_000).toBeLessThan(200 * 1024 * 1024);
  for (const one of open) one.socket.destroy();
  await expect
    .poll(async () => {
      const next = await followed();
      next.socket.destroy();
      return next.status;
    })
    .toBe(200);
});
