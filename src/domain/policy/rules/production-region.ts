import type { PolicyRule } from "../rule.ts";
import { productions } from "../view.ts";

export const productionRegion: PolicyRule = {
  code: "BAL-P035",
  title: "A standby region is kept free",
  severity: "warning",
  reason:
    "A warm-standby region takes over for others. What runs there already is in the way on the day it is needed, and has no region of its own to go to.",
  check(view) {
    const standby = new Set(view.loaded.fleet.regions.filter((one) => one.role === "warm-standby").map((one) => one.name));
    return productions(view).flatMap(({ address, region, hosting }) => {
      if (!standby.has(region)) return [];
      const message = `production in region ${region}, whose role is warm-standby; active is expected`;
      return [{ address, field: hosting === "shared" ? "pool" : "region", message, hint: "place it in an active region" }];
    });
  },
};
