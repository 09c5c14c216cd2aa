import type { Series } from "../../fleet/model.ts";
import { SERIES } from "../../fleet/schema/forms.ts";
import type { PolicyRule, PolicyView } from "../rule.ts";
import { environments } from "../view.ts";

/** Odoo supports its latest three major versions. */
const SUPPORTED: readonly Series[] = SERIES.slice(-3);

/** Pools, and environments with a series of their own. */
function running(view: PolicyView): readonly { readonly address: string; readonly series: Series }[] {
  return [
    ...view.loaded.fleet.pools.map(({ name, series }) => ({ address: `pool/${name}`, series })),
    ...environments(view).filter((one) => one.hosting !== "shared"),
  ];
}

export const seriesSupported: PolicyRule = {
  code: "BAL-P013",
  title: "The series is still supported",
  severity: "warning",
  reason: "Odoo corrects only its latest three major versions; of older ones nobody publishes what is wrong with them.",
  check(view) {
    return running(view).flatMap(({ address, series }) => {
      if (SUPPORTED.includes(series)) return [];
      const message = `Odoo ${series} gets no corrections any more; supported are ${SUPPORTED.join(", ")}`;
      return [{ address, field: "series", message, hint: `plan the way to ${SERIES.at(-1)}, one version a step` }];
    });
  },
};
