import type { PolicyRule } from "../rule.ts";

const MOST_SECONDS = 120;

export const circuitBreaker: PolicyRule = {
  code: "BAL-P028",
  title: "A circuit breaker opens while it still helps",
  severity: "warning",
  reason:
    "Until it opens each call keeps a process for its whole timeout. After two minutes of that the queue of the web processes is full.",
  check({ loaded }) {
    return loaded.fleet.integrations.flatMap(({ name, timeoutSeconds, circuitBreaker: { failures } }) => {
      const seconds = failures * timeoutSeconds;
      if (seconds <= MOST_SECONDS) return [];
      const message = `it opens after ${failures} failures of ${timeoutSeconds} s, so after ${seconds} s; at most ${MOST_SECONDS} s are expected`;
      return [
        { address: `integration/${name}`, field: "circuitBreaker.failures", message, hint: "declare a shorter timeout, or fewer failures" },
      ];
    });
  },
};
