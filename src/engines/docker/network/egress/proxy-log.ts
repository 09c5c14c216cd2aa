import type { Instant } from "../../../../kernel/instant.ts";
import { REQUEST_MARK } from "./squid-config.ts";

const LINE = new RegExp(`${REQUEST_MARK} (\\d+)\\.(\\d{3}) (\\S+) (\\S+) (\\S+) (\\S+) (\\d{3}) (\\S+)`);
const HOST = /^[A-Za-z0-9._:[\]-]{1,253}$/;

/** A request that the proxy refused, as a line of its log tells; undefined where it tells of something else. The name in it is a stranger's word. */
export function refusedIn(line: string): { readonly at: Instant; readonly address: string; readonly target: string } | undefined {
  const [, seconds, milliseconds, address = "", , host = "", port = "", status, result = ""] = LINE.exec(line) ?? [];
  if (status !== "403" || !result.startsWith("TCP_DENIED")) return undefined;
  const target = HOST.test(host) && /^\d{1,5}$/.test(port) ? `${host.toLowerCase()}:${port}` : "something that is no host name";
  return { at: Number(seconds) * 1000 + Number(milliseconds), address, target };
}
