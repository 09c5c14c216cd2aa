import { z } from "zod";
import { DEFAULTS } from "../defaults.ts";
import { certificates } from "./certificates.ts";
import { envelope, metadata } from "./document.ts";
import { type Complaint, domainName, matching, optional, text } from "./forms.ts";
import { ingressLimits } from "./ingress.ts";

const PINNED = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+(:[\w.-]+)?@sha256:[0-9a-f]{64}$/;

const image = matching(PINNED, {
  code: "BAL-F046",
  text: "is not an image pinned by digest",
  hint: "write registry.example/odoo@sha256: and its 64 hex digits; a tag can move, a digest cannot",
});

/** `127.0.0.1:8443` or `[::1]:8443` in parts; undefined when it is neither. */
export function parseListen(value: string): { readonly address: string; readonly port: number } | undefined {
  const match = /^(?:(\d{1,3}(?:\.\d{1,3}){3})|\[([0-9a-f:.]{2,45})\]):(\d{1,5})$/.exec(value);
  if (!match) return undefined;
  const port = Number(match[3]);
  const octetsFit = match[1]?.split(".").every((octet) => Number(octet) <= 255) ?? true;
  return octetsFit && port >= 1 && port <= 65_535 ? { address: match[1] ?? (match[2] as string), port } : undefined;
}

const NOT_LISTEN: Complaint = {
  code: "BAL-F045",
  text: "is not an address to listen on",
  hint: 'write an IP address and a port, such as "127.0.0.1:8443"',
};
const listen = text(/^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\]):\d{1,5}$/, (value) => (parseListen(value) ? undefined : NOT_LISTEN));

const IMAGE_NAMES = ["odoo", "postgres", "traefik"] as const;

const images = z
  .strictObject({
    source: optional(
      z.enum(["packages", "registry"]),
      "Build images from distribution packages, or take them from a registry.",
      DEFAULTS.imageSource,
    ),
    odoo: optional(image, "Odoo image, pinned by digest. With source registry only, then required."),
    postgres: optional(image, "PostgreSQL image, pinned by digest. With source registry only, then required."),
    traefik: optional(image, "Traefik image, pinned by digest. With source registry only, then required."),
  })
  .superRefine((value, context) => {
    for (const one of IMAGE_NAMES) {
      const wanted = value.source === "registry";
      if (wanted === (value[one] !== undefined)) continue;
      const complaint: Complaint = wanted
        ? { code: "BAL-F019", text: `{field} is missing: source registry needs the ${one} image, pinned by digest` }
        : { code: "BAL-F019", text: "{field} has no meaning with source packages", hint: "declare source: registry, or remove it" };
      context.addIssue({ code: "custom", message: complaint.text, path: [one], params: { ...complaint } });
    }
  });

/** Everything that one repository declares: how it is run and what all its parts share. */
export const FleetDocument = envelope(
  "Fleet",
  metadata,
  optional(
    z.strictObject({
      operatingModel: optional(
        z.enum(["centralised", "product-aligned", "managed-partnership"]),
        "Who operates the platform: one central team, the product teams, or a partner together with the company.",
        DEFAULTS.operatingModel,
      ),
      domain: optional(
        domainName,
        "Domain of all host names: production at <tenant>.<domain>, others at <environment>.<tenant>.<domain>. <name>.localhost when not declared.",
      ),
      ingress: optional(
        z.strictObject({
          listen: optional(listen, "IP address and port of the ingress. Chosen once on loopback, and kept, when not declared."),
          limits: optional(ingressLimits, "What one client (an address) may ask of one environment. More is refused: 413 or 429."),
          certificates: optional(certificates, "Who signs for its hosts. The fleet's own authority when not declared."),
        }),
        "How the platform is reached.",
      ),
      images: optional(images, "Where images come from."),
    }),
    "What all parts of the fleet share.",
  ),
);
export type FleetDocument = z.output<typeof FleetDocument>;
