import type { Server } from "node:http";
import type { Socket } from "node:net";

/** How many connections the API holds: by far fewer than the process may open files, which the reconciler needs too. */
export interface ConnectionLimits {
  /** All of them. */
  readonly all: number;
  /** Those that have not shown the token yet; the oldest of them makes room for the next. */
  readonly strangers: number;
  /** Answers without an end: events and logs that are followed. Each asks the store again and again. */
  readonly streams: number;
}

/** Seconds in which a connection must have sent the head of its first request, and may then be silent between two. */
const HEAD_SECONDS = 5;
const REQUEST_SECONDS = 60;
/** How often Node looks for connections that are over their time. */
const LOOK_MS = 1000;

/** What fits a process that may open so many files; for one that may open any number, what one machine's clients need. */
export function connectionLimits(openFiles: number): ConnectionLimits {
  const all = Math.max(16, Math.min(512, Math.floor(openFiles / 8)));
  return { all, strangers: Math.floor(all / 4), streams: Math.min(32, Math.floor(all / 4)) };
}

/** The time-outs of Node's HTTP server. */
export const TIMED = {
  keepAliveTimeout: HEAD_SECONDS * 1000,
  requestTimeout: REQUEST_SECONDS * 1000,
  http: { headersTimeout: HEAD_SECONDS * 1000, connectionsCheckingInterval: LOOK_MS, maxHeaderSize: 16 * 1024 },
} as const;

/**
 * Bounds the connections of a server. One that is silent, or never shows the token, is closed within seconds, and the oldest of those goes at once where
 * there are too many: so a flood of them closes nobody out who has the token.
 */
export function boundConnections(server: Server, limits: ConnectionLimits): { readonly admitted: (socket: Socket) => void } {
  const strangers = new Set<Socket>();
  server.maxConnections = limits.all;
  server.on("connection", (socket: Socket) => {
    strangers.add(socket);
    socket.once("close", () => strangers.delete(socket));
    for (const oldest of strangers) {
      if (strangers.size <= limits.strangers) break;
      strangers.delete(oldest);
      oldest.destroy();
    }
  });
  return { admitted: (socket) => void strangers.delete(socket) };
}
