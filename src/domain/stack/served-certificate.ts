import type { Instant } from "../../kernel/instant.ts";

/** The certificate that an ingress shows to whoever connects, and the one that it was given. Fingerprints are SHA-256, of whatever one form. */
export interface ServedCertificate {
  readonly fingerprint: string;
  readonly validTo: Instant;
  /** Missing where none is at hand to compare with. */
  readonly issued?: string;
  /** For a host whose certificate comes by ACME: who signed what is shown. `issued` is then what is shown while none came. */
  readonly acme?: { readonly host: string; readonly issuer: string };
}

export interface CertificateFault {
  readonly code: "BAL-E010" | "BAL-E011" | "BAL-E012" | "BAL-E013";
  /** With the days that are left, so it changes from day to day. */
  readonly says: string;
  /** Browsers refuse it now, or may. */
  readonly severe: boolean;
}

const DAY_MS = 86_400_000;
/** Our own are renewed half a year before their end, so one that comes this close was not. */
const SOON_DAYS = 30;
const URGENT_DAYS = 7;
/** Traefik renews thirty days before the end, and looks once a day. */
const SOON_BY_ACME_DAYS = 20;

/** How often it was asked again for a certificate that has not come, and when last; the first time is when it was missed. */
export interface Asked {
  readonly times: number;
  readonly at: Instant;
}

const FIRST_PAUSE_MS = 60_000;
const PAUSE_MS = 10 * 60_000;
const LONGEST_PAUSE_MS = 12 * 60 * 60_000;

/**
 * When it is time to ask again: a minute after it was missed, then after 10, 20, 40 minutes and so on, at most 12 hours.
 * Let's Encrypt takes five failures an hour for a host (its documentation, "Rate Limits"); with the first, which Traefik makes by itself, these are four.
 */
export function timeToAsk({ times, at }: Asked): Instant {
  return at + (times === 0 ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** (times - 1)));
}

/** Whether that time has come; where the clock was put back it cannot be determined, and it has. */
export function isTimeToAsk(asked: Asked, now: Instant): boolean {
  return now < asked.at || now >= timeToAsk(asked);
}

/** What is wrong with the certificate that is served; nothing while it is the one that was issued and lasts. */
export function judgeCertificate({ fingerprint, validTo, issued, acme }: ServedCertificate, now: Instant): CertificateFault | undefined {
  const which =
    acme === undefined ? "the certificate that the ingress serves" : `the certificate of ${acme.host}, signed by ${acme.issuer},`;
  const day = new Date(validTo).toISOString().slice(0, 10);
  if (validTo <= now) {
    return { code: "BAL-E011", says: `${which} ended on ${day}: browsers refuse it`, severe: true };
  }
  if (acme !== undefined && issued === fingerprint) {
    const says = `${acme.host} is served with the fleet's own certificate: none has come by ACME yet, and browsers refuse it`;
    return { code: "BAL-E013", says, severe: true };
  }
  if (acme === undefined && issued !== undefined && issued !== fingerprint) {
    return { code: "BAL-E012", says: "the ingress serves another certificate than the one that was issued for it", severe: true };
  }
  const days = Math.floor((validTo - now) / DAY_MS);
  if (days >= (acme === undefined ? SOON_DAYS : SOON_BY_ACME_DAYS)) return undefined;
  const urgent = days < URGENT_DAYS;
  return {
    code: "BAL-E010",
    says: `${which} ends in ${days} ${days === 1 ? "day" : "days"}, on ${day}`,
    severe: urgent,
  };
}
