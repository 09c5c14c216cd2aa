import { z } from "zod";
import { envelope, metadata } from "./document.ts";
import { httpsUrl } from "./endpoint.ts";
import { type Complaint, field, list, matching, note, optional, series } from "./forms.ts";
import { moduleName } from "./pool.ts";

const digest = matching(/^sha256:[0-9a-f]{64}$/, {
  code: "BAL-F055",
  text: "is not a digest",
  hint: "write sha256: and its 64 hex digits",
});

const version = matching(/^\d{1,6}(\.\d{1,6}){0,5}$/, {
  code: "BAL-F015",
  text: "is not the version of an addon",
  hint: 'as its manifest says it, in quotes, such as "19.0.1.2.0"',
});

const revision = matching(/^([0-9a-f]{40}|[0-9a-f]{64})$/, {
  code: "BAL-F055",
  text: "is not the id of a commit",
  hint: "write all of its 40 or 64 hex digits; a branch or tag can move",
});

const addons = list(
  z.strictObject({
    name: field(moduleName, "Technical name of the addon."),
    version: field(version, "Version that its manifest says."),
    digest: field(digest, "SHA-256 of its files."),
  }),
  0,
).superRefine((values, context) => {
  values.forEach(({ name }, index) => {
    if (values.findIndex((one) => one.name === name) === index) return;
    const complaint: Complaint = { code: "BAL-F017", text: "is in the list twice" };
    context.addIssue({ code: "custom", message: complaint.text, path: [index, "name"], params: { ...complaint } });
  });
});

/** What an environment runs, to the last bit: it never changes under its name. */
export const ReleaseDocument = envelope(
  "Release",
  metadata,
  field(
    z.strictObject({
      series: field(series, "Odoo series."),
      image: field(digest, "Digest of the image."),
      addons: optional(addons, "Addons in the image, each exactly one.", []),
      provenance: optional(
        z.strictObject({
          source: field(httpsUrl, "Repository that it was built from."),
          revision: field(revision, "Commit that it was built from."),
          builder: optional(note, "What built it."),
        }),
        "Where it comes from.",
      ),
    }),
    "What it is made of.",
  ),
);
export type ReleaseDocument = z.output<typeof ReleaseDocument>;
