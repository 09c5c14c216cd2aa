import type { Effective, Source } from "./model.ts";
import type { Path, SourceDocument } from "./source.ts";

/** What is being resolved: its address, and where its fields are written. */
export interface Subject {
  readonly address: string;
  readonly source: SourceDocument;
  /** Path of the mapping that holds its fields. */
  readonly base: Path;
  /** `file:line:column` of its declaration. */
  readonly place: string;
  readonly effective: Effective[];
}

/** For each address, what is in force and why. */
export type Trace = Map<string, Subject>;

/** Opens the record of an address, declared at `place`. */
export function begin(trace: Trace, address: string, source: SourceDocument, at: { base: Path; place: string }): Subject {
  const subject: Subject = { address, source, base: at.base, place: at.place, effective: [] };
  trace.set(address, subject);
  return subject;
}

export interface Setting<T> {
  /** Dotted path of the field below the subject. */
  readonly field: string;
  readonly declared: T | undefined;
  readonly otherwise: { readonly value: T; readonly source: Source; readonly because?: string };
  readonly show?: (value: T) => string;
}

/** The declared value, else the other one; and remembers which of them it was. */
export function settle<T>(subject: Subject, setting: Setting<T>): T {
  const { field, declared, otherwise, show = String } = setting;
  if (declared !== undefined) {
    subject.effective.push({ field, value: show(declared), source: fileSource(subject, field) });
    return declared;
  }
  const { value, source, because } = otherwise;
  subject.effective.push({ field, value: show(value), source, ...(because === undefined ? {} : { because }) });
  return value;
}

/** Remembers a value that only the file can give. What is not declared is not mentioned. */
export function note<T>(subject: Subject, field: string, declared: T | undefined, show: (value: T) => string = String): T | undefined {
  if (declared !== undefined) subject.effective.push({ field, value: show(declared), source: fileSource(subject, field) });
  return declared;
}

export function fileSource(subject: Subject, field: string): Source {
  return { kind: "file", at: placeOfField(subject, field) };
}

/** `file:line:column` of a field; where it is not written, of what would hold it. */
export function placeOfField({ source, base }: Subject, field: string): string {
  return source.placeOf([...base, ...field.split(".")]);
}

export const byDefault = { kind: "default" } as const satisfies Source;
