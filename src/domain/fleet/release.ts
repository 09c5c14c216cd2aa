import type { Series } from "./schema/forms.ts";

/** What an environment runs, content-addressed: under one name it never changes. Digests are `sha256:` and 64 hex digits. */
export interface Release {
  readonly name: string;
  readonly series: Series;
  readonly image: string;
  /** Sorted by name. */
  readonly addons: readonly { readonly name: string; readonly version: string; readonly digest: string }[];
  readonly provenance?: { readonly source: string; readonly revision: string; readonly builder?: string };
}
