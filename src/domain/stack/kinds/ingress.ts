import { downFromThenOn, downtimeAbout, type KindFacts } from "./kind.ts";

/** An authority that signs for hosts by ACME, asked by the ingress itself. */
export interface AcmeSpec {
  readonly email: string;
  readonly directory: string;
  /** PEM; missing where systems trust it by themselves. */
  readonly roots?: string;
  /** The one name in the ingress's own certificate, which it shows for a host as long as none has come for that. */
  readonly fallback: string;
}

/** The one way in: a reverse proxy that ends TLS and overwrites forwarded headers. */
export interface IngressSpec {
  readonly image: string;
  readonly address: string;
  readonly port: number;
  readonly memoryMiB: number;
  readonly acme?: AcmeSpec;
}

export const ingress: KindFacts = {
  title: "ingress",
  holdsData: false,
  runs: true,
  usualSeconds: 1,
  closesWhenGone: "stopped, every tenant of the region",
  fixed: {},
  updateImpact: (fields) =>
    fields.includes("port") || fields.includes("address")
      ? downFromThenOn("the former address of every tenant of the region stops answering")
      : downtimeAbout(2, "restart of the ingress, every tenant of the region"),
};
