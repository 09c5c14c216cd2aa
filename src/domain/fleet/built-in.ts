import type { Path, SourceDocument } from "./source.ts";
import { begin, type Subject, type Trace } from "./trace.ts";

const NOWHERE: SourceDocument = { file: "built in", value: {}, sound: true, placeOf: () => "built in" };
const BASE: Path = ["spec"];

/** Opens the record of something that every fleet has and this one says nothing about. */
export function builtInSubject(trace: Trace, address: string): Subject {
  return begin(trace, address, NOWHERE, { base: BASE, place: "built in" });
}
