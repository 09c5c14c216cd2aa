import type { Declared } from "./declared.ts";
import type { Release } from "./release.ts";
import { subjectOf } from "./subject.ts";
import { byDefault, note, settle, type Trace } from "./trace.ts";

export function resolveRelease(declared: Declared<"Release">, trace: Trace): Release | undefined {
  if (declared.content === undefined) return undefined;
  const { metadata, spec } = declared.content;
  const subject = subjectOf(trace, `release/${metadata.name}`, declared);
  note(subject, "series", spec.series);
  note(subject, "image", spec.image);
  const addons = settle<Release["addons"]>(subject, {
    field: "addons",
    declared: spec.addons,
    otherwise: { value: [], source: byDefault },
    show: (value) => (value.length === 0 ? "none" : value.map((one) => `${one.name} ${one.version}`).join("; ")),
  });
  note(subject, "provenance.source", spec.provenance?.source);
  note(subject, "provenance.revision", spec.provenance?.revision);
  note(subject, "provenance.builder", spec.provenance?.builder);
  return {
    name: metadata.name,
    series: spec.series,
    image: spec.image,
    addons: addons.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ...provenanceOf(spec.provenance),
  };
}

type DeclaredProvenance = NonNullable<Declared<"Release">["content"]>["spec"]["provenance"];

function provenanceOf(declared: DeclaredProvenance): Pick<Release, "provenance"> {
  if (declared === undefined) return {};
  const { source, revision, builder } = declared;
  return { provenance: { source, revision, ...(builder === undefined ? {} : { builder }) } };
}
