import { byAcme, environment, instead } from "./good-fleet.ts";

/** One mistake for each code that is about host names, and all that is said about it. */
export const HOST_MISTAKES = {
  "BAL-F040": {
    problems: () =>
      environment("production: { hosting: shared, pool: all }, staging: { hosting: shared, pool: all, domain: acme.nordwind.localhost }"),
    say: ["25:110 acme/staging: host name acme.nordwind.localhost is already that of acme/production"],
  },
  "BAL-F041": {
    problems: () => instead("name: nordwind }", `name: nordwind }\nspec: { domain: ${`${"a".repeat(62)}.`.repeat(4)}b }`),
    say: ["26:19 acme/production: its host name has 258 characters; DNS allows 253"],
  },
  "BAL-F061": {
    problems: () => byAcme("{ email: ops@acme.example }"),
    say: ["4:18 no public authority signs for acme.nordwind.localhost: its name is nobody's in the public DNS"],
  },
  "BAL-F093": {
    problems: () => environment("production: { hosting: shared, pool: all, domain: erp.acme.example }"),
    say: [
      "25:69 acme/production: host name erp.acme.example is not below nordwind.localhost: the fleet's authority signs for no other domain, and all hosts share one certificate",
    ],
  },
  "BAL-F094": {
    problems: () => environment("production: { hosting: shared, pool: all, domain: fallback.ballast.nordwind.localhost }"),
    say: ["25:69 acme/production: host name fallback.ballast.nordwind.localhost is that of the ingress itself"],
  },
};
