import { z } from "zod";
import { DEFAULTS } from "../defaults.ts";
import { envelope, metadata } from "./document.ts";
import { type Complaint, country, field, matching, optional, text } from "./forms.ts";

const CIDR = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/;

const subnets = text(CIDR, (value) => {
  const complaint = (why: string): Complaint => ({
    code: "BAL-F047",
    text: why,
    hint: `write a private range such as ${DEFAULTS.dockerSubnets}`,
  });
  const match = CIDR.exec(value);
  if (!match) return complaint("is not a subnet");
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = match.slice(1).map(Number);
  if ([a, b, c, d].some((octet) => octet > 255) || prefix > 32) return complaint("is not a subnet");
  if (prefix < 8 || prefix > 22) return complaint("must have a prefix between /8 and /22: each environment gets a network of its own");
  const isPrivate = a === 10 || (a === 172 && b >= 16 && b <= 31 && prefix >= 12) || (a === 192 && b === 168 && prefix >= 16);
  if (!isPrivate) return complaint("is not a private range");
  const hostBits = ((a << 24) | (b << 16) | (c << 8) | d) & ((1 << (32 - prefix)) - 1);
  return hostBits === 0 ? undefined : complaint(`does not start a /${prefix} network`);
});

const context = matching(/^[A-Za-z0-9][\w.@:/-]{0,252}$/, {
  code: "BAL-F015",
  text: "is not the name of a kube context",
  hint: "take one of: kubectl config get-contexts -o name",
});

const engine = z
  .strictObject({
    docker: optional(
      z.strictObject({
        subnets: optional(subnets, "Private range from which each environment's network is taken.", DEFAULTS.dockerSubnets),
      }),
      "The Docker engine of one machine.",
    ),
    kubernetes: optional(z.strictObject({ context: field(context, "Kube context of the cluster.") }), "A Kubernetes cluster."),
  })
  .superRefine((value, zodContext) => {
    const count = Object.values(value).filter((one) => one !== undefined).length;
    if (count === 1) return;
    const complaint: Complaint = {
      code: "BAL-F018",
      text:
        count === 0
          ? "{field} names no engine; exactly one of: docker, kubernetes"
          : "{field} names two engines; exactly one of: docker, kubernetes",
      hint: "write engine: { docker: {} } or engine: { kubernetes: { context: NAME } }",
    };
    zodContext.addIssue({ code: "custom", message: complaint.text, params: { ...complaint } });
  });

/** A place where stacks run: one engine under one jurisdiction. */
export const RegionDocument = envelope(
  "Region",
  metadata,
  field(
    z.strictObject({
      engine: field(engine, "What runs the containers: exactly one of docker, kubernetes."),
      jurisdiction: field(country, "Country whose law applies to the data here, ISO 3166."),
      role: optional(
        z.enum(["active", "limited", "warm-standby"]),
        "active: takes any environment; limited: only what names it; warm-standby: takes over.",
        DEFAULTS.regionRole,
      ),
    }),
    "Where and what it is.",
  ),
);
export type RegionDocument = z.output<typeof RegionDocument>;
