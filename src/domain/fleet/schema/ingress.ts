import { z } from "zod";
import { DEFAULTS } from "../defaults.ts";
import { optional, size } from "./forms.ts";
import { rate } from "./measures.ts";

const KIB = 1024;
const GIB = 1024 ** 3;

const usual = DEFAULTS.ingressLimits;
const inMinute = (one: { readonly count: number }) => `${one.count}/m`;
const inMebibytes = (bytes: number) => `${bytes / KIB ** 2}Mi`;

/** What one client may ask of one environment. */
export const ingressLimits = z.strictObject({
  body: optional(
    size({ min: 64 * KIB, max: 4 * GIB }),
    "Largest body of a request, such as an attachment or an import.",
    inMebibytes(usual.bodyBytes),
  ),
  callBody: optional(
    size({ min: 64 * KIB, max: 4 * GIB }),
    "Largest body of a sign-in, and of a call by another system.",
    inMebibytes(usual.callBodyBytes),
  ),
  requests: optional(
    rate,
    "Requests of all kinds. Half of what a minute allows may come at once, here and below.",
    inMinute(usual.requests),
  ),
  requestsAtOnce: optional(
    z.int().min(10).max(10_000),
    "Requests of one client that are answered at once. Open websockets do not count.",
    usual.requestsAtOnce,
  ),
  logins: optional(rate, "Attempts to sign in, sign up or get a new password.", inMinute(usual.logins)),
  calls: optional(rate, "Calls by other systems: /json/2, and where integrations call back.", inMinute(usual.calls)),
  reports: optional(rate, "Reports.", inMinute(usual.reports)),
  reportsAtOnce: optional(
    z.int().min(1).max(64),
    "Reports of one client that are made at once. Fewer than web processes leave one to others, and refuse who prints from many stations.",
    usual.reportsAtOnce,
  ),
});
