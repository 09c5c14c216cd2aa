import type { Declared } from "./declared.ts";
import { subjectOf } from "./subject.ts";
import { note, type Trace } from "./trace.ts";
import type { Waiver } from "./waiver.ts";

export function resolveWaiver(declared: Declared<"Waiver">, trace: Trace): Waiver | undefined {
  if (declared.content === undefined) return undefined;
  const { metadata, spec } = declared.content;
  const subject = subjectOf(trace, `waiver/${metadata.name}`, declared);
  for (const field of ["rule", "scope", "reason", "ticket", "owner", "secondSigner", "expiresAt"] as const)
    note(subject, field, spec[field]);
  return { name: metadata.name, ...spec };
}
