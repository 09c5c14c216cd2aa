import { formatDuration } from "../../../kernel/quantity.ts";
import type { PolicyRule } from "../rule.ts";

const LEAST_CYCLES = 2;

export const backupCycles: PolicyRule = {
  code: "BAL-P036",
  title: "A failed backup leaves another one",
  severity: "error",
  reason:
    "Where backups are kept for less than two cycles, one that fails leaves none: the one before it is deleted while the next does not exist.",
  check({ loaded }) {
    return Object.values(loaded.fleet.tiers).flatMap(({ name, backup: { fullEverySeconds, keepSeconds } }) => {
      if (keepSeconds >= LEAST_CYCLES * fullEverySeconds) return [];
      const least = formatDuration(LEAST_CYCLES * fullEverySeconds);
      const message = `backup.keep is ${formatDuration(keepSeconds)} with a full backup every ${formatDuration(fullEverySeconds)}; at least ${least} is expected`;
      return [{ address: `tier/${name}`, field: "backup.keep", message, hint: `declare backup: { keep: ${least} } or more` }];
    });
  },
};
