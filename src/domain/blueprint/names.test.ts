import fc from "fast-check";
import { expect, test } from "vitest";
import { loadFleet } from "../fleet/load.ts";
import { ENVIRONMENT_NAMES, RESERVED_NAMES } from "../fleet/schema/tenant.ts";
import type { AnyNode } from "../stack/node.ts";
import { LONGEST_NAME, type Making, temporaryName } from "../stack/temporary-name.ts";
import { compile } from "./compile.ts";

/** Names that the language allows, among them those that begin as ours do and those that are as long as may be. */
const legal = fc
  .oneof(
    fc.stringMatching(/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/),
    fc
      .tuple(
        fc.constantFrom("new", "making", "renew", "template", "ballast", "postgres", "pool", "x"),
        fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,25}[a-z0-9])?$/),
      )
      .map(([first, second]) => `${first}-${second}`),
  )
  .filter((name) => name.length <= 40 && !RESERVED_NAMES.some((one) => one === name));
const environment = fc.constantFrom(...ENVIRONMENT_NAMES);
const KEY = fc.stringMatching(/^[0-9a-f]{16}$/);
/** Roles and databases of a server that belong to nobody who is declared. */
const OURS = ["postgres", "template0", "template1", "ballast_template", "ballast_pooler", "ballast_replication", "ballast", "default"];

function fleet(tenants: readonly (readonly [string, string])[]): string {
  const head = `apiVersion: ballast.dev/v1alpha1
kind: Fleet
metadata: { name: f }
---
apiVersion: ballast.dev/v1alpha1
kind: Region
metadata: { name: here }
spec: { jurisdiction: DE, engine: { docker: {} } }
---
apiVersion: ballast.dev/v1alpha1
kind: Calendar
metadata: { name: c }
spec: { zone: Europe/Berlin, coveredUntil: 2030-01-01 }
---
apiVersion: ballast.dev/v1alpha1
kind: Pool
metadata: { name: everyone }
spec: { region: here }`;
  const documents = tenants.map(
    ([name, one]) => `apiVersion: ballast.dev/v1alpha1
kind: Tenant
metadata: { name: "${name}" }
spec: { owner: { name: o, email: o@example.com }, calendar: c, environments: { ${one}: { hosting: shared, pool: everyone } } }`,
  );
  return [head, ...documents].join("\n---\n");
}

/** Name of the database, its role, and the corner of the cache of each environment and its clone. */
function namesOf(tenants: readonly (readonly [string, string])[]): readonly string[] {
  const loaded = loadFleet([{ path: "fleet.yaml", text: fleet(tenants) }], { today: "2026-11-22" });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const made = compile(loaded.value, { images: {}, ingress: { address: "127.0.0.1", port: 8443 }, certificateGeneration: 1 });
  if (!made.ok) throw new Error(JSON.stringify(made.problems));
  const addresses = tenants.map(([name, one]) => `${name}/${one}`);
  const stacks = addresses.flatMap((address) => [made.value.stacks.get(address), made.value.cloneOf(address)]);
  return stacks.flatMap((stack) => (stack?.nodes ?? []).flatMap(databaseOf));
}

function databaseOf(node: AnyNode): readonly string[] {
  if (node.kind !== "database") return [];
  expect(node.spec.role).toBe(node.spec.name);
  return [node.spec.name];
}

test("databases, roles and everything temporary of any two environments have different names, none longer than PostgreSQL keeps", () => {
  fc.assert(
    fc.property(fc.tuple(legal, environment), fc.tuple(legal, environment), KEY, (one, other, key) => {
      fc.pre(one[0] !== other[0]);
      const declared = namesOf([one, other]);
      const temporary = declared.flatMap((name) => (["new", "renew"] satisfies Making[]).map((making) => temporaryName(making, name)));
      const all = [...declared, ...temporary, temporaryName("template", key), `template_${key}`, ...OURS];
      expect(declared.length).toBe(4);
      expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([]);
      expect(all.filter((name) => new TextEncoder().encode(name).length > LONGEST_NAME)).toEqual([]);
    }),
    { numRuns: 150 },
  );
});
