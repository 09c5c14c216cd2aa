import type { PolicyRule } from "../rule.ts";
import { productions } from "../view.ts";

/** Found by attacks on running instances. */
const WEAK = ["14.0", "15.0"];

export const seriesInProduction: PolicyRule = {
  code: "BAL-P014",
  title: "Production does not run a series with known holes",
  severity: "warning",
  reason:
    "14.0 and 15.0 sign in to a database that the caller names, whatever the host, and have no command that neutralises a copy; 14.0 has no health check either.",
  check(view) {
    return productions(view).flatMap(({ address, series }) => {
      if (!WEAK.includes(series)) return [];
      const message = `production on Odoo ${series}, whose sign-in ignores the filter by host; 16.0 and later obey it`;
      return [
        { address, field: "series", message, hint: "keep it away from the internet until it is migrated, and have that waived by name" },
      ];
    });
  },
};
