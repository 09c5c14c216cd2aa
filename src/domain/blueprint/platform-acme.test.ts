import { expect, test } from "vitest";
import { document, ground } from "../../../test/support/fleet-text.ts";
import { explained, load, loaded, told } from "../../../test/support/fleets.ts";
import { KINDS } from "../stack/kinds/facts.ts";
import { compile } from "./compile.ts";

function fleet(ingress: string, domain = "odoo.example.com"): string {
  const environments = "{ production: { hosting: shared, pool: everyone } }";
  const tenant = document(
    "Tenant",
    "acme",
    `{ owner: { name: Ops, email: ops@a.example }, calendar: office, environments: ${environments} }`,
  );
  return [...ground("roads", { spec: `{ domain: ${domain}${ingress} }` }), tenant].join("---\n");
}

const DECLARED = ", ingress: { certificates: { acme: { email: ops@a.example } } }";

function stack(text: string, id: string) {
  const images = { egress: "ballast/egress:a", traefik: "ballast/traefik:a" };
  const result = compile(loaded(text), { images, ingress: { address: "127.0.0.1", port: 8443 }, certificateGeneration: 1 });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value.stacks.get(id)?.nodes ?? [];
}

test("where an authority signs by ACME, the ingress has egress to its directory alone, a disk, and a certificate of its own that names no host", () => {
  const nodes = stack(fleet(DECLARED), "platform/here");
  expect(nodes.map(({ id, spec, uses }) => [id, spec, uses.map((edge) => `${edge.as} ${edge.to}`)]).slice(2)).toEqual([
    [
      "platform/here/certificate",
      { names: ["fallback.ballast.odoo.example.com"], fallback: true, validDays: 397, generation: 1 },
      ["trust platform/here/authority"],
    ],
    [
      "platform/here/ingress",
      {
        image: "ballast/traefik:a",
        address: "127.0.0.1",
        port: 8443,
        memoryMiB: 384,
        acme: {
          email: "ops@a.example",
          directory: "https://acme-v02.api.letsencrypt.org/directory",
          fallback: "fallback.ballast.odoo.example.com",
        },
      },
      ["inside platform/here/boundary", "mount platform/here/certificate", "data platform/here/acme", "egress platform/here/egress"],
    ],
    ["platform/here/acme", { purpose: "acme" }, []],
    [
      "platform/here/egress",
      {
        image: "ballast/egress:a",
        memoryMiB: 128,
        cpuShares: 256,
        pidsLimit: 32,
        allow: [{ host: "acme-v02.api.letsencrypt.org", port: 443, networks: [], integrations: ["ingress.certificates.acme"] }],
      },
      ["inside platform/here/boundary"],
    ],
  ]);
  expect(stack(fleet(DECLARED), "acme/production").find((node) => node.kind === "route")?.spec.acme).toBe(true);
});

test("where nothing is declared, nothing of it is there", () => {
  expect(stack(fleet(""), "platform/here").map((node) => node.kind)).toEqual(["boundary", "authority", "certificate", "ingress"]);
  expect(stack(fleet(""), "acme/production").find((node) => node.kind === "route")?.spec).not.toHaveProperty("acme");
});

test.each(["roads.localhost", "odoo.internal", "odoo.home.arpa"])("no public authority is asked to sign below %s", (domain) => {
  expect(told(load(fleet(DECLARED, domain)))).toEqual([expect.stringContaining(`no public authority signs for acme.${domain}`)]);
});

test("what is in force is explained, with where it comes from", () => {
  const shown = Object.entries(explained(loaded(fleet(DECLARED)), "fleet")).filter(([field]) => field.includes("acme"));
  expect(Object.fromEntries(shown)).toEqual({
    "ingress.certificates.acme.email": "ops@a.example | file | fleet.yaml:4:77",
    "ingress.certificates.acme.directory": "https://acme-v02.api.letsencrypt.org/directory | default",
  });
});

test("the names of the ingress's own certificate change together with who signs: what holds the one holds the other", () => {
  expect(KINDS.certificate.updateImpact(["names", "fallback"]).interruption).toBe("closed");
  expect(KINDS.certificate.updateImpact(["names"]).interruption).toBe("none");
});
