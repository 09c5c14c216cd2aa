import { expect, test } from "vitest";
import type { AnyNode } from "../../../domain/stack/node.ts";
import { admittedTo, type SourceLimits, sourceRules } from "./source-limits.ts";

const server = (id: string, kind: string, spec: object) => ({ id, kind, spec }) as Pick<AnyNode, "id" | "kind" | "spec">;

test("of a server that several share, one network gets less than all places, so that the others still come in", () => {
  const postgres = (most: number) =>
    admittedTo(server("pool/a/postgres", "postgres", { settings: { max_connections: String(most) } })) as SourceLimits;
  for (const most of [40, 100, 200, 1000]) expect(postgres(most).connections).toBeLessThanOrEqual((most - 10) / 2);
  expect(postgres(100)).toEqual({ port: 5432, connections: 43, perSecond: 20 });
  expect(admittedTo(server("pool/a/pooler", "pooler", { maxClients: 2000, clientsPerRole: 300 }))).toEqual({
    port: 6432,
    connections: 332,
    perSecond: 100,
  });
  expect(admittedTo(server("pool/a/redis", "redis", {}))).toEqual({ port: 6379, connections: 200, perSecond: 100 });
});

test("who shares with nobody has nobody to be kept from", () => {
  expect(admittedTo(server("acme/production/postgres", "postgres", { settings: {} }))).toBeUndefined();
  expect(admittedTo(server("pool/a/data", "volume", {}))).toBeUndefined();
});

test("what is for the own network is let in before anything is counted, and what is not the service is not let in at all", () => {
  const rules = sourceRules("10.213.4.2", { port: 6432, connections: 300, perSecond: 100 }).split("\n");
  const own = rules.indexOf("-A INPUT -d 10.213.4.2 -j ACCEPT");
  const counted = rules.findIndex((rule) => rule.includes("connlimit-above 300 --connlimit-mask 27"));
  expect([own >= 0, counted > own, rules[1]]).toEqual([true, true, ":INPUT DROP [0:0]"]);
});

test("the ingress opens connections into the networks of environments, nobody there opens one to it, and one client has so many of it", () => {
  expect(admittedTo(server("platform/here/ingress", "ingress", {}))).toEqual({ publishedPort: 8443, connections: 1000 });
  const rules = sourceRules("10.213.4.2", { publishedPort: 8443, connections: 1000 }).split("\n");
  expect(rules.filter((rule) => rule.startsWith("-A INPUT"))).toEqual([
    "-A INPUT -i lo -j ACCEPT",
    "-A INPUT -p tcp -m tcp --dport 8443 --tcp-flags FIN,SYN,RST,ACK SYN -m connlimit --connlimit-above 1000 --connlimit-mask 32 --connlimit-saddr -j REJECT --reject-with tcp-reset",
    "-A INPUT -d 10.213.4.2 -j ACCEPT",
    "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
  ]);
});
