import { expect } from "vitest";
import { loadFleet } from "../../src/domain/fleet/load.ts";
import type { Problem } from "../../src/kernel/problem.ts";

const API = "apiVersion: ballast.dev/v1alpha1";
export const FLEET = `${API}\nkind: Fleet\nmetadata: { name: nordwind }\n`;
const REGION = `${API}\nkind: Region\nmetadata: { name: here }\nspec: { engine: { docker: {} }, jurisdiction: DE }\n`;
const CALENDAR = `${API}\nkind: Calendar\nmetadata: { name: office }\nspec: { zone: Europe/Berlin, coveredUntil: 2028-12-31 }\n`;
export const POOL = `${API}\nkind: Pool\nmetadata: { name: all }\n`;
export const TENANT = `${API}\nkind: Tenant\nmetadata: { name: acme }
spec:
  owner: { name: Operations, email: ops@acme.example }
  calendar: office
  environments: { production: { hosting: shared, pool: all } }
`;
const document = (kind: string, name: string, spec: string) => `${API}\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
export const INTEGRATION = document("Integration", "dhl", '{ type: carrier, url: "https://carrier.example/api" }');
export const RELEASE = document("Release", "r1", `{ series: "18.0", image: "sha256:${"0".repeat(64)}" }`);
const SIGNED = "owner: a@acme.example, secondSigner: b@acme.example, expiresAt: 2026-12-31";
export const WAIVER = document("Waiver", "w", `{ rule: BAL-P007, scope: acme/production, reason: no budget, ticket: OPS-1, ${SIGNED} }`);
export const GOOD = [FLEET, REGION, CALENDAR, POOL, TENANT];

export function problemsOf(...documents: string[]): readonly Problem[] {
  const result = loadFleet([{ path: "fleet.yaml", text: documents.join("---\n") }], { today: "2026-11-22" });
  return result.ok ? result.warnings : result.problems;
}

export function pathProblems(path: string): readonly Problem[] {
  const result = loadFleet(
    [
      { path: "good.yaml", text: GOOD.join("---\n") },
      { path, text: "" },
    ],
    { today: "2026-11-22" },
  );
  return result.ok ? [] : result.problems;
}

/** The good fleet with one thing written otherwise. */
export function instead(from: string, to: string): readonly Problem[] {
  const text = GOOD.join("---\n");
  expect(text).toContain(from);
  return problemsOf(text.replace(from, () => to));
}

export const environment = (text: string) => instead("production: { hosting: shared, pool: all }", text);
export const calendar = (text: string) => instead("coveredUntil: 2028-12-31", `coveredUntil: 2028-12-31, ${text}`);

/** The good fleet and one document more, with one thing written otherwise there. */
export function more(document: string, from: string, to: string): readonly Problem[] {
  expect(document).toContain(from);
  return problemsOf(
    ...GOOD,
    document.replace(from, () => to),
  );
}

/** The fleet whose hosts an authority signs for by ACME. */
export function byAcme(authority: string): readonly Problem[] {
  return instead("name: nordwind }", `name: nordwind }\nspec: { ingress: { certificates: { acme: ${authority} } } }`);
}
