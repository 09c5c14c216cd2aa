import { z } from "zod";
import { DEFAULTS } from "../defaults.ts";
import { CRITICALITIES } from "../processes.ts";
import { credentialName } from "./credential.ts";
import { envelope, metadata } from "./document.ts";
import { addressRange, httpsUrl, inboundPath } from "./endpoint.ts";
import { duration, field, list, optional, zone } from "./forms.ts";
import { percent, rate } from "./measures.ts";
import { owner } from "./owner.ts";

const HOUR = 3600;

const circuitBreaker = z.strictObject({
  failures: optional(z.int().min(1).max(1000), "Failures in a row after which it opens.", DEFAULTS.integration.failures),
  openFor: optional(duration({ max: 24 * HOUR }), "How long nothing is tried then.", "30s"),
});

/** A system of somebody else that tenants talk to: a carrier, a marketplace, a warehouse system. */
export const IntegrationDocument = envelope(
  "Integration",
  metadata,
  field(
    z.strictObject({
      type: field(z.enum(["carrier", "edi", "marketplace", "wms", "payment", "other"]), "What stands at the other end."),
      url: field(httpsUrl, "Where it is called. https, without user, password, query or fragment."),
      owner: optional(owner, "Who answers for it."),
      zone: optional(zone, "IANA time zone of the other end, in which its hours are meant."),
      criticality: optional(z.enum(CRITICALITIES), "How much the business hangs on it.", DEFAULTS.integration.criticality),
      timeout: optional(duration({ max: HOUR }), "How long an answer is waited for.", "10s"),
      retryBudget: optional(percent({ min: 0, max: 100 }), "Most retries, as a share of the calls.", "10%"),
      circuitBreaker: optional(circuitBreaker, "When to stop trying."),
      rate: optional(rate, "Most calls in a time, such as 10/s. Not limited when not declared."),
      onFailure: optional(
        z.enum(["queue", "manual", "reject"]),
        "queue: keep and send later; manual: a person takes over; reject: say no to whoever asked.",
        DEFAULTS.integration.onFailure,
      ),
      sandbox: optional(httpsUrl, "Where copies call instead. Without it copies call nobody."),
      network: optional(
        addressRange,
        "Range of addresses in which it lies, where that is a private network. Its hosts are then called at no other address; without it private addresses are refused.",
      ),
      inbound: optional(list(inboundPath, 0), "Exact paths at which it may call back, such as /webhook/dhl.", []),
      credential: optional(credentialName, "Name of the credential that it is called with. Never the credential itself."),
    }),
    "How to talk to it.",
  ),
);
export type IntegrationDocument = z.output<typeof IntegrationDocument>;
