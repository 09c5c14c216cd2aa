import type { PolicyRule } from "../rule.ts";

const LOOPBACK = ["127.0.0.1", "::1"];

export const reachableNames: PolicyRule = {
  code: "BAL-P033",
  title: "Who may reach the ingress can find it",
  severity: "warning",
  reason:
    "Names below localhost lead every machine to itself (RFC 6761), so an ingress that listens to others is found by nobody, and opened for nothing.",
  check({ loaded }) {
    const { domain, ingress } = loaded.fleet;
    const { listen } = ingress;
    if (listen === undefined || LOOPBACK.includes(listen.address) || !/(^|\.)localhost$/.test(domain)) return [];
    const message = `the ingress listens on ${listen.address}, and names below ${domain} are found on this machine only`;
    return [{ address: "fleet", field: "ingress.listen", message, hint: "declare domain: with a name in your DNS, or listen on loopback" }];
  },
};
