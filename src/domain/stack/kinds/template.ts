import { type KindFacts, NO_DOWNTIME } from "./kind.ts";

/** A database made once by recipe, from which tenants are cloned in a fraction of a second. Never served. */
export interface TemplateSpec {
  readonly image: string;
  readonly series: string;
  readonly modules: readonly string[];
}

export const template: KindFacts = {
  title: "template database",
  holdsData: false,
  runs: false,
  handedOver: true,
  usualSeconds: 45,
  fixed: {},
  updateImpact: () => NO_DOWNTIME,
};
