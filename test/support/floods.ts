import { setTimeout as wait } from "node:timers/promises";
import { connect } from "node:tls";
import { expect, test } from "vitest";
import { type Door, requestThrough } from "../../src/adapters/http/through.ts";
import type { FleetInsides } from "./fleet-insides.ts";
import type { LaunchedFleet } from "./launched-fleet.ts";
import { openWebsocket } from "./websocket.ts";

interface Flooded {
  readonly fleet: LaunchedFleet;
  readonly insides: FleetInsides;
  readonly door: () => Door;
  /** The status of a request by another client than that of the published port. */
  readonly fromElsewhere: (tenant: string, path: string, body: string) => Promise<number>;
}

/** So many connections at once, each held until all were tried. */
async function opened(
  { fleet, door }: Flooded,
  count: number,
  say: (socket: ReturnType<typeof connect>) => void,
): Promise<{ open: number; end: () => void }> {
  const { address, port } = door();
  const sockets = Array.from({ length: count }, () =>
    connect({ host: address, port, servername: fleet.host("acme"), rejectUnauthorized: false }),
  );
  const open = new Set<(typeof sockets)[number]>();
  for (const socket of sockets) {
    socket.on("error", () => open.delete(socket)).on("close", () => open.delete(socket));
    socket.on("secureConnect", () => (open.add(socket), say(socket)));
  }
  await wait(8000);
  return { open: open.size, end: () => sockets.forEach((socket) => socket.destroy()) };
}

/** What one client without an account may open, and what others notice of it. `acme` and `beta` are served. */
export function floodSuite(subject: Flooded): void {
  const { fleet, insides, door, fromElsewhere } = subject;
  const startsOfIngress = async () => (await (await insides.container("platform/here/ingress")).inspect()).State.StartedAt;

  test("connections that stay open, of one client, leave the process threads for everybody else", async () => {
    const open = () => openWebsocket(door(), fleet.host("beta"), "/websocket", "").catch(() => undefined);
    const sockets = await Promise.all(Array.from({ length: 140 }, open));
    const count = (status: number) => sockets.filter((socket) => socket?.status === status).length;
    console.info(`of 140 websockets ${count(101)} are open, ${count(429)} were refused`);
    expect([count(429) >= 40, count(101) <= 100]).toEqual([true, true]);
    expect((await requestThrough(door(), { host: fleet.host("beta"), path: "/web/login", seconds: 20 })).status).toBe(200);
    for (const socket of sockets) socket?.close();
  });

  test("headers that never end take nothing of the ingress from others", async () => {
    const started = await startsOfIngress();
    const header = `GET / HTTP/1.1\r\nHost: ${fleet.host("acme")}\r\n${`x-${"a".repeat(60)}: ${"b".repeat(900)}\r\n`.repeat(1000)}`;
    const { end } = await opened(subject, 300, (socket) => socket.write(header));
    expect((await requestThrough(door(), { host: fleet.host("beta"), path: "/web/login", seconds: 20 })).status).toBe(200);
    end();
    expect(await startsOfIngress()).toBe(started);
  });

  test("one client has so many connections and no more, and another client comes in meanwhile", async () => {
    const started = await startsOfIngress();
    const { open, end } = await opened(subject, 1500, () => undefined);
    console.info(`of 1500 connections ${open} are open`);
    // Those that close while others come are no longer counted.
    expect([open > 500, open < 1200]).toEqual([true, true]);
    expect(await fromElsewhere("beta", "/web/login", "")).toBe(200);
    end();
    await expect
      .poll(
        async () =>
          (await requestThrough(door(), { host: fleet.host("beta"), path: "/web/login", seconds: 20 }).catch(() => undefined))?.status,
        {
          timeout: 30_000,
        },
      )
      .toBe(200);
    expect(await startsOfIngress()).toBe(started);
  });
}
