import type { Declared } from "./declared.ts";
import { begin, type Subject, type Trace } from "./trace.ts";

/** Opens the record of a whole document. */
export function subjectOf(trace: Trace, address: string, { source }: Declared): Subject {
  return begin(trace, address, source, { base: ["spec"], place: source.placeOf(["metadata", "name"]) });
}
