import type { z } from "zod";
import { formatDuration, formatSize } from "../../kernel/quantity.ts";
import { DEFAULTS } from "./defaults.ts";
import type { IngressLimits } from "./ingress-limits.ts";
import type { ingressLimits } from "./schema/ingress.ts";
import type { Rate } from "./schema/measures.ts";
import { byDefault, type Subject, settle } from "./trace.ts";

/** The limits as declared, else the usual ones, each remembered with where it comes from. */
export function resolveIngressLimits(subject: Subject, declared: z.output<typeof ingressLimits> | undefined): IngressLimits {
  const { ingressLimits: usual } = DEFAULTS;
  const bytes = (field: "body" | "callBody") => {
    const otherwise = { value: usual[`${field}Bytes`], source: byDefault };
    return settle<number>(subject, { field: `ingress.limits.${field}`, declared: declared?.[field], otherwise, show: formatSize });
  };
  const rate = (field: "requests" | "logins" | "calls" | "reports") => {
    const otherwise = { value: usual[field], source: byDefault };
    return settle<Rate>(subject, { field: `ingress.limits.${field}`, declared: declared?.[field], otherwise, show: rateText });
  };
  const atOnce = (field: "requestsAtOnce" | "reportsAtOnce") => {
    const otherwise = { value: usual[field], source: byDefault };
    return settle<number>(subject, { field: `ingress.limits.${field}`, declared: declared?.[field], otherwise });
  };
  return {
    bodyBytes: bytes("body"),
    callBodyBytes: bytes("callBody"),
    requests: rate("requests"),
    logins: rate("logins"),
    calls: rate("calls"),
    reports: rate("reports"),
    requestsAtOnce: atOnce("requestsAtOnce"),
    reportsAtOnce: atOnce("reportsAtOnce"),
  };
}

/** The limits of a fleet that declares nothing at all. */
export function usualIngressLimits(): IngressLimits {
  return { ...DEFAULTS.ingressLimits };
}

function rateText({ count, perSeconds }: Rate): string {
  return `${count} in ${formatDuration(perSeconds)}, of each client`;
}
