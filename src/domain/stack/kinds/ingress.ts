import { closedAbout, type KindFacts } from "./kind.ts";

/** The one way in: a reverse proxy that ends TLS and overwrites forwarded headers. */
export interface IngressSpec {
  readonly image: string;
  readonly address: string;
  readonly port: number;
  readonly memoryMiB: number;
}

export const ingress: KindFacts = {
  title: "ingress",
  holdsData: false,
  runs: true,
  usualSeconds: 1,
  fixed: {},
  updateImpact: () => closedAbout(2, "restart of the ingress, every tenant of the region"),
};
