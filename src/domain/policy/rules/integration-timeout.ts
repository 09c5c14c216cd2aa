import { REQUEST_LIMIT_SECONDS } from "../../odoo/config.ts";
import type { PolicyRule } from "../rule.ts";

export const integrationTimeout: PolicyRule = {
  code: "BAL-P026",
  title: "A call ends before the request that makes it is ended",
  severity: "error",
  reason:
    "Odoo kills a request after 120 s without an answer to the client; a call that may last longer leaves a booking at the carrier of which Odoo knows nothing.",
  check({ loaded }) {
    return loaded.fleet.integrations.flatMap(({ name, timeoutSeconds }) => {
      if (timeoutSeconds < REQUEST_LIMIT_SECONDS) return [];
      const message = `timeout is ${timeoutSeconds} s, and Odoo ends a request after ${REQUEST_LIMIT_SECONDS} s`;
      return [{ address: `integration/${name}`, field: "timeout", message, hint: "declare timeout: 30s or less" }];
    });
  },
};
