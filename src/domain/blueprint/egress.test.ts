import { expect, test } from "vitest";
import { ground } from "../../../test/support/fleet-text.ts";
import { explained, load, loaded, told } from "../../../test/support/fleets.ts";
import { compile } from "./compile.ts";

const BASE = ground("roads").join("---\n");

function integration(name: string, spec: string): string {
  return `---\napiVersion: ballast.dev/v1alpha1\nkind: Integration\nmetadata: { name: ${name} }\nspec: { type: carrier, ${spec} }\n`;
}

function tenant(name: string, integrations: string, more = ""): string {
  const environments = "{ production: { hosting: shared, pool: everyone }, staging: { hosting: shared, pool: everyone } }";
  return `---\napiVersion: ballast.dev/v1alpha1\nkind: Tenant\nmetadata: { name: ${name} }\nspec: { owner: { name: Ops, email: ops@a.example }, calendar: office, integrations: [${integrations}], environments: ${environments}${more} }\n`;
}

function stacks(text: string) {
  const images = { egress: "ballast/egress:a" };
  const result = compile(loaded(text), { images, ingress: { address: "127.0.0.1", port: 8443 }, certificateGeneration: 1 });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}

/** Whom each environment may call, and which of its Odoo processes know the way. */
function egressSeen(text: string): Record<string, unknown> {
  const environments = [...stacks(text).stacks.values()].filter((stack) => stack.role === "environment");
  return Object.fromEntries(
    environments.map(({ id, nodes }) => {
      const proxy = nodes.find((node) => node.kind === "egress");
      const users = nodes.filter((node) => node.uses.some((edge) => edge.as === "egress" && edge.to === `${id}/egress`));
      return [id, { allow: proxy?.spec.allow, users: users.map((node) => node.kind) }];
    }),
  );
}

const NOWHERE = { allow: undefined, users: [] };

test("production calls who is declared, a copy their sandbox, and each tenant only its own integrations", () => {
  const text =
    BASE +
    integration("dhl", "url: https://api.dhl.example/v2, sandbox: https://test.dhl.example:8443") +
    integration("gls", "url: https://gls.example") +
    tenant("acme", "dhl, gls") +
    tenant("beta", "gls");
  const at = (host: string, port: number, name: string) => ({ host, port, networks: [], integrations: [name] });
  expect(egressSeen(text)).toEqual({
    "acme/production": { allow: [at("api.dhl.example", 443, "dhl"), at("gls.example", 443, "gls")], users: ["odoo"] },
    "acme/staging": { allow: [at("test.dhl.example", 8443, "dhl")], users: ["odoo"] },
    "beta/production": { allow: [at("gls.example", 443, "gls")], users: ["odoo"] },
    "beta/staging": NOWHERE,
  });
});

test("without integrations nobody has egress, and a clone never has", () => {
  expect(egressSeen(BASE + tenant("acme", ""))).toEqual({ "acme/production": NOWHERE, "acme/staging": NOWHERE });
  const compiled = stacks(BASE + integration("dhl", "url: https://dhl.example") + tenant("acme", "dhl"));
  const clone = compiled.cloneOf("acme/production")?.nodes ?? [];
  expect([clone.length > 0, clone.filter((node) => node.kind === "egress" || node.uses.some((edge) => edge.as === "egress"))]).toEqual([
    true,
    [],
  ]);
});

test("two integrations at one host are one entry, and an address range of either binds both", () => {
  const text =
    BASE +
    integration("labels", "url: https://wms.example/labels") +
    integration("orders", "url: https://WMS.example/orders, network: 10.20.0.0/24") +
    tenant("acme", "labels, orders");
  expect(egressSeen(text)["acme/production"]).toEqual({
    allow: [{ host: "wms.example", port: 443, networks: ["10.20.0.0/24"], integrations: ["labels", "orders"] }],
    users: ["odoo"],
  });
  expect(explained(loaded(text), "integration/orders")["network"]).toBe("10.20.0.0/24 | file | fleet.yaml:27:66");
});

test.each([
  ["https://.example.com", "url does not name one host"],
  ["https://*.example.com", "url does not name one host"],
  ["https://[fd00::1]/", "url does not name one host"],
])("%s could let more than one host through, and is refused", (url, words) => {
  const result = told(load(BASE + integration("wide", `url: "${url}"`)));
  expect(result.map((one) => one.split(" ").slice(1).join(" "))).toEqual([expect.stringContaining(`BAL-F052 error ${words}`)]);
});

test.each([
  ["10.0.0.0/8", "prefix of /16"],
  ["10.20.0.1/24", "does not start a /24"],
  ["10.20.0.300/32", "is not a subnet"],
])("the range %s is refused: it %s", (range, words) => {
  const result = told(load(BASE + integration("near", `url: https://near.example, network: ${range}`)));
  expect(result).toEqual([expect.stringMatching(new RegExp(`BAL-F047 error .*${words}`))]);
});
