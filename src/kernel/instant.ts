/** Milliseconds since 1970-01-01T00:00:00Z. Written to people only through a calendar's zone. */
export type Instant = number;
