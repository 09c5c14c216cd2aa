import { PROXY_PORT } from "./egress/squid-config.ts";

/** Who stands in an environment's own network, and what a report calls back. */
const INSIDE = [
  "localhost",
  "127.0.0.1",
  "::1",
  "mailbox",
  "odoo",
  ...["web", "websocket", "cron", "jobs", "report", "integration"].map((role) => `odoo-${role}`),
];

/** Where libraries for HTTP look for a proxy; in both spellings, since some know only one. */
export function proxyEnvironment(): Readonly<Record<string, string>> {
  const proxy = `http://egress:${PROXY_PORT}`;
  const settings = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: INSIDE.join(",") };
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]) => [
      [key, value],
      [key.toLowerCase(), value],
    ]),
  );
}
