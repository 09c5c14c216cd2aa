import { expect, test } from "vitest";
import { outNoRoutes } from "../no-route.ts";
import { refusedIn } from "./proxy-log.ts";
import { squidConfig } from "./squid-config.ts";

test("the proxy's rules let through what is declared, at public addresses or in the declared range, and nothing else", () => {
  const allow = [
    { host: "carrier.example", port: 443, networks: [], integrations: ["carrier"] },
    { host: "wms.example", port: 8443, networks: ["10.20.0.0/24"], integrations: ["wms"] },
  ];
  const rules = squidConfig({ allow }, "10.213.4.0/27")
    .split("\n")
    .filter((line) => /^(acl|http_access)/.test(line));
  expect(rules).toEqual([
    "acl inside src 10.213.4.0/27",
    "acl tunnel method CONNECT",
    "acl inward dst 0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.168.0.0/16 198.18.0.0/15 224.0.0.0/4 240.0.0.0/4",
    "http_access deny !inside",
    "http_access deny !tunnel",
    "acl host0 dstdomain -n carrier.example",
    "acl port0 port 443",
    "http_access allow host0 port0 !inward",
    "acl host1 dstdomain -n wms.example",
    "acl port1 port 8443",
    "acl range1 dst 10.20.0.0/24",
    "http_access allow host1 port1 range1",
    "http_access deny all",
  ]);
});

test("a refusal is read from the log with who asked for whom, and a name that is none is not repeated", () => {
  expect(refusedIn("ballast-egress 1795399315.901 10.219.77.3 CONNECT Undeclared.example 443 403 TCP_DENIED_ABORTED")).toEqual({
    at: 1795399315901,
    address: "10.219.77.3",
    target: "undeclared.example:443",
  });
  expect(refusedIn("ballast-egress 1795399315.910 10.219.77.3 GET <b>x 80 403 TCP_DENIED")?.target).toBe("something that is no host name");
  expect(refusedIn("ballast-egress 1795399315.906 10.219.77.3 CONNECT carrier.example 443 200 TCP_TUNNEL")).toBeUndefined();
  // Said by the other end, not by the proxy.
  expect(refusedIn("ballast-egress 1795399315.906 10.219.77.3 GET carrier.example 80 403 TCP_MISS")).toBeUndefined();
  expect(refusedIn("2026/11/23 02:01:51| Starting Squid Cache")).toBeUndefined();
});

test("packets without a route are read by the name of their column", () => {
  expect(outNoRoutes("Ip: Forwarding OutNoRoutes ReasmTimeout\nIp: 1 7 0\nIcmp: InMsgs\nIcmp: 3\n")).toBe(7);
  expect(outNoRoutes("")).toBe(0);
});
