import type { Acme } from "./acme.ts";

/** Names that lead to nobody in the DNS of everybody: RFC 6761, 6762, 8375, 2606, and what ICANN reserved for private use. */
const PRIVATE = ["localhost", "local", "internal", "test", "example", "invalid", "onion", "lan", "home", "corp", "mail", "home.arpa"];

/** Hosts for which no public authority may sign (CA/Browser Forum Baseline Requirements 4.2.2). An authority with declared roots is a private one and signs what it likes. */
export function unsignable(acme: Acme | undefined, hosts: readonly string[]): readonly string[] {
  if (acme === undefined || acme.roots !== undefined) return [];
  return hosts.filter((host) => !host.includes(".") || PRIVATE.some((name) => host === name || host.endsWith(`.${name}`)));
}
