import { z } from "zod";
import { field, name } from "./forms.ts";

export const API_VERSION = "ballast.dev/v1alpha1";

/** The envelope that all kinds share. */
export function envelope<K extends string, M extends z.ZodType, S extends z.ZodType>(kind: K, metadata: M, spec: S) {
  return z.strictObject({
    apiVersion: field(z.literal(API_VERSION), "Version of the fleet language."),
    kind: field(z.literal(kind), `Declares a ${kind}.`),
    metadata: field(metadata, "Who this is."),
    spec,
  });
}

export const metadata = z.strictObject({ name: field(name, "Name, by which others refer to it: a DNS label of at most 40 characters.") });

type Named = z.output<typeof metadata>;
