import fc from "fast-check";
import { expect, test } from "vitest";
import { document, ground } from "../../../test/support/fleet-text.ts";
import { load } from "../../../test/support/fleets.ts";
import { handshake } from "../../../test/support/handshake.ts";
import { compile } from "../../domain/blueprint/compile.ts";
import { loadFleet } from "../../domain/fleet/load.ts";
import { issueCertificate, makeAuthority } from "./authority.ts";

const VALID = { notBefore: new Date(Date.now() - 3_600_000), validDays: 90 };
const CONTEXT = { images: {}, ingress: { address: "127.0.0.1", port: 8443 }, certificateGeneration: 1 };

interface Desired {
  readonly domain: string;
  readonly tenants: readonly { readonly name: string; readonly environments: Readonly<Record<string, string | undefined>> }[];
}

function textOf({ domain, tenants }: Desired): string {
  const owner = "owner: { name: Ops, email: ops@a.example }, calendar: office";
  const documents = tenants.map(({ name, environments }) => {
    const each = Object.entries(environments).map(
      ([kind, host]) => `${kind}: { hosting: shared, pool: everyone${host === undefined ? "" : `, domain: ${host}`} }`,
    );
    return document("Tenant", name, `{ ${owner}, environments: { ${each.join(", ")} } }`);
  });
  return [...ground("roads", { spec: `{ domain: ${domain} }` }), ...documents].join("---\n");
}

const label = fc.constantFrom("a", "odoo", "x-1", "xn--mller-kva", "www", "0", "z".repeat(40));
const domain = fc.oneof(
  fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => [...labels, "roads", "localhost"].join(".")),
  fc.constantFrom("roads.localhost", "localhost", "corp", `${"d".repeat(60)}.${"e".repeat(60)}.example`),
);
/** Below the domain or not, deep or shallow: what `validate` accepts of it is what must be verified. */
function host(of: string) {
  return fc.oneof(
    fc.constant(undefined),
    fc.array(label, { minLength: 0, maxLength: 3 }).map((labels) => [...labels, of].join(".")),
    fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => [...labels, "example"].join(".")),
    fc.constantFrom(`${of}x`, `x${of}`, "localhost", "10.0.0.1", `fallback.ballast.${of}`),
  );
}
const desired: fc.Arbitrary<Desired> = domain.chain((of) =>
  fc.record({
    domain: fc.constant(of),
    tenants: fc
      .uniqueArray(fc.constantFrom("acme", "globex", "staging"), { minLength: 1, maxLength: 3 })
      .chain((names) =>
        fc.tuple(
          ...names.map((name) => fc.record({ production: host(of), staging: host(of) }).map((environments) => ({ name, environments }))),
        ),
      ),
  }),
);

test("every host name that validate accepts is verified by a TLS client that trusts the fleet's authority, beside all the others", async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(desired, async (one) => {
      const read = load(textOf(one));
      if (!read.ok) return;
      const compiled = compile(read.value, CONTEXT);
      if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
      const nodes = compiled.value.stacks.get("platform/here")?.nodes ?? [];
      const names = nodes.find((node) => node.kind === "certificate")?.spec.names ?? [];
      const root = await makeAuthority({ name: "Ballast roads", domain: read.value.fleet.domain, ...VALID });
      const server = await issueCertificate(root, { names, ...VALID });
      for (const { host: asked } of read.value.fleet.tenants.flatMap((tenant) => tenant.environments)) {
        accepted += 1;
        expect([asked, await handshake(root.certificate, server, asked)]).toEqual([asked, "trusted"]);
      }
    }),
    { numRuns: 150, seed: 22 },
  );
  expect(accepted).toBeGreaterThan(40);
});

test("a fleet that was accepted before its host name was looked at shows its neighbours a certificate that holds none but theirs", async () => {
  const text = textOf({ domain: "roads.localhost", tenants: [{ name: "acme", environments: { production: "erp.acme.example" } }] });
  expect(load(text).ok).toBe(false);
  const read = loadFleet([{ path: "fleet.yaml", text }], { today: "2026-11-22", accepted: true });
  const compiled = read.ok ? compile(read.value, CONTEXT) : read;
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  const certificate = compiled.value.stacks.get("platform/here")?.nodes.find((node) => node.kind === "certificate");
  expect(certificate?.spec.names).toEqual(["*.roads.localhost", "roads.localhost"]);
});
