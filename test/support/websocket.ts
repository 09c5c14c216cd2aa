import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:https";
import type { Duplex } from "node:stream";
import type { Door } from "../../src/adapters/http/through.ts";

export interface TestSocket {
  readonly status: number;
  readonly send: (message: object) => void;
  /** Every text that came so far. */
  readonly received: readonly string[];
  readonly closed: () => boolean;
  readonly close: () => void;
}

const TEXT = 0x81;
const MASKED = 0x80;

/** One masked text frame (RFC 6455, 5.2); enough for messages below 64 KiB. */
function frameOf(text: string): Buffer {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const head = payload.length < 126 ? [TEXT, MASKED | payload.length] : [TEXT, MASKED | 126, payload.length >> 8, payload.length & 255];
  return Buffer.concat([Buffer.from(head), mask, payload.map((byte, at) => byte ^ (mask[at % 4] as number))]);
}

/** Takes whole text frames off the front and returns what is left. */
function takeFrames(buffered: Buffer, received: string[]): Buffer {
  let rest = buffered;
  while (rest.length >= 2) {
    const short = (rest[1] as number) & 127;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (rest.length < head) break;
    const length = short < 126 ? short : short === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
    if (rest.length < head + length) break;
    if (rest[0] === TEXT) received.push(rest.subarray(head, head + length).toString("utf8"));
    rest = rest.subarray(head + length);
  }
  return rest;
}

/** Opens a websocket through the ingress as a browser that is signed in would. */
export async function openWebsocket(door: Door, host: string, path: string, cookie: string): Promise<TestSocket> {
  const call = request({
    host: door.address,
    port: door.port,
    servername: host,
    ca: door.ca,
    path,
    agent: false,
    signal: AbortSignal.timeout(60_000),
    headers: {
      host: `${host}:${door.port}`,
      origin: `https://${host}:${door.port}`,
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": randomBytes(16).toString("base64"),
      cookie,
    },
  });
  call.end();
  const [answer, socket, head] = (await Promise.race([once(call, "upgrade"), once(call, "response")])) as [
    { statusCode?: number },
    Duplex | undefined,
    Buffer | undefined,
  ];
  const received: string[] = [];
  let buffered = takeFrames(head ?? Buffer.alloc(0), received);
  socket?.on("data", (chunk: Buffer) => {
    buffered = takeFrames(Buffer.concat([buffered, chunk]), received);
  });
  socket?.on("error", () => undefined);
  return {
    status: answer.statusCode ?? 0,
    received,
    closed: () => socket === undefined || socket.destroyed,
    send: (message) => void socket?.write(frameOf(JSON.stringify(message))),
    close: () => (socket ?? call).destroy(),
  };
}
