import { ground } from "./fleet-text.ts";

/** Two tenants, each with integrations of its own: acme's carrier has a sandbox, beta's market has none, and `rebound` leads to a private address undeclared. */
export function egressFleet(name: string, range: string): string {
  return `${ground(name, { engine: "{ subnets: 10.220.0.0/16 }" }).join("---\n")}---
apiVersion: ballast.dev/v1alpha1
kind: Integration
metadata: { name: carrier }
spec: { type: carrier, url: "https://carrier.fake.example:8443/api", sandbox: "https://sandbox.fake.example:8443", network: ${range} }
---
apiVersion: ballast.dev/v1alpha1
kind: Integration
metadata: { name: market }
spec: { type: marketplace, url: "https://market.fake.example:8443", network: ${range} }
---
apiVersion: ballast.dev/v1alpha1
kind: Integration
metadata: { name: rebound }
spec: { type: other, url: "https://carrier.fake.example:9443" }
---
apiVersion: ballast.dev/v1alpha1
kind: Tenant
metadata: { name: acme }
spec:
  owner: { name: Operations, email: ops@acme.example }
  calendar: office
  integrations: [carrier, rebound]
  environments:
    production: { hosting: shared, pool: everyone }
    staging: { hosting: shared, pool: everyone }
---
apiVersion: ballast.dev/v1alpha1
kind: Tenant
metadata: { name: beta }
spec:
  owner: { name: Operations, email: ops@beta.example }
  calendar: office
  integrations: [market]
  environments:
    production: { hosting: shared, pool: everyone }
    staging: { hosting: shared, pool: everyone }
`;
}
