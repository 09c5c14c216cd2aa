import { compile } from "../../src/domain/blueprint/compile.ts";
import { UNBUILT_IMAGE } from "../../src/domain/blueprint/context.ts";
import { loadFleet } from "../../src/domain/fleet/load.ts";
import { checkPolicies, type PolicyProblem } from "../../src/domain/policy/check.ts";

/** The parts of a small sound fleet, each as the content of its `spec`; a test writes only what it is about. */
export interface Parts {
  readonly fleet?: string;
  readonly region?: string;
  readonly calendar?: string;
  readonly pool?: string;
  /** Fields of the tenant `acme` beside owner and calendar. */
  readonly tenant?: string;
  /** Its environments. */
  readonly environments?: string;
  /** Whole documents: kind, name, spec. */
  readonly more?: readonly (readonly [kind: string, name: string, spec: string])[];
}

export interface Surroundings {
  readonly today?: string;
  readonly image?: string;
  readonly machineMemoryBytes?: number;
}

const WINDOW = 'zone: Europe/Berlin, coveredUntil: 2028-12-31, maintenance: [{ days: [sun], from: "02:00", to: "05:00" }]';
export const OWNER = "owner: { name: Operations, email: ops@acme.example }";

export function fleetText({ fleet = "", region, calendar, pool = "", tenant = "", environments, more = [] }: Parts): string {
  const documents = [
    ["Fleet", "nordwind", fleet],
    ["Region", "here", region ?? "engine: { docker: {} }, jurisdiction: DE"],
    ["Calendar", "office", calendar ?? WINDOW],
    ["Pool", "all", pool],
    [
      "Tenant",
      "acme",
      `${OWNER}, calendar: office, ${tenant === "" ? "" : `${tenant}, `}environments: { ${environments ?? "production: { hosting: shared, pool: all }"} }`,
    ],
    ...more,
  ] as const;
  return documents
    .map(([kind, name, spec]) => `apiVersion: ballast.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: { ${spec} }\n`)
    .join("---\n");
}

/** Everything that the guardrails say about a fleet. */
export function findingsOf(text: string, { today = "2026-11-22", image = UNBUILT_IMAGE, ...more }: Surroundings = {}) {
  const loaded = loadFleet([{ path: "fleet.yaml", text }], { today });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const images = new Proxy<Record<string, string>>({}, { get: () => image });
  const context = { images, ingress: { address: "127.0.0.1", port: 8443 }, certificateGeneration: 1 };
  const compiled = compile(loaded.value, context);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return checkPolicies({ loaded: loaded.value, stacks: compiled.value.stacks, today, ...more });
}

/** What one guardrail says, in words. */
export function told(code: string, parts: Parts, around?: Surroundings): readonly string[] {
  return findingsOf(fleetText(parts), around)
    .filter((finding: PolicyProblem) => finding.code === code)
    .map((finding) => `${finding.severity} ${finding.message}`);
}
