const DURATION_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const SIZE_BYTES: Readonly<Record<string, number>> = { Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3, Ti: 1024 ** 4 };

/** `90s`, `15m`, `2h`, `1d` → seconds; undefined when the text is none of these. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9})(s|m|h|d)$/.exec(text);
  return match ? Number(match[1]) * (DURATION_SECONDS[match[2] as string] as number) : undefined;
}

/** Seconds → the shortest exact form: 5400 → `90m`, 7200 → `2h`. */
export function formatDuration(seconds: number): string {
  for (const unit of ["d", "h", "m"] as const) {
    const size = DURATION_SECONDS[unit] as number;
    if (seconds >= size && seconds % size === 0) return `${seconds / size}${unit}`;
  }
  return `${seconds}s`;
}

/** `512Mi`, `2Gi` → bytes; undefined when the text is none of these. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,9})(Ki|Mi|Gi|Ti)$/.exec(text);
  return match ? Number(match[1]) * (SIZE_BYTES[match[2] as string] as number) : undefined;
}

/** Bytes → the largest exact binary unit: 536870912 → `512Mi`. */
export function formatSize(bytes: number): string {
  for (const unit of ["Ti", "Gi", "Mi", "Ki"] as const) {
    const size = SIZE_BYTES[unit] as number;
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return `${bytes}`;
}
