import type { Recipe } from "./recipe.ts";
import type { ImageRecord } from "./record.ts";

/** A bill of materials as CycloneDX 1.6 has it (ECMA-424), as far as we write one. */
export interface Sbom {
  readonly bomFormat: "CycloneDX";
  readonly specVersion: "1.6";
  readonly version: 1;
  readonly metadata: {
    readonly component: Component;
    readonly properties: readonly Property[];
  };
  readonly components: readonly Component[];
}

interface Property {
  readonly name: string;
  readonly value: string;
}

interface Component {
  readonly type: "container" | "library";
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly description?: string;
  readonly hashes?: readonly { readonly alg: "SHA-256"; readonly content: string }[];
}

/**
 * What is inside an image, from the list that was written while it was built: Debian packages, unpacked trees, wheels and libraries, each with its version
 * and its package URL (purl-spec). It has no date and no number of its own, so that the same image gives the same text.
 */
export function sbomOf(
  { name, title, base, libraries }: Recipe,
  record: Pick<ImageRecord, "reference" | "imageId" | "recipeHash" | "packages">,
): Sbom {
  const digests = new Map(libraries.map((library) => [library.package, library.sha256]));
  const wheels = new Map(base.wheels.map((wheel) => [wheel.package, wheel.sha256]));
  const suites = base.sources.map((source) => source.suite);
  const components = Object.entries(record.packages)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([part, version]) => {
      const python = digests.has(part) || wheels.has(part);
      const digest = digests.get(part);
      return {
        type: "library" as const,
        "bom-ref": `${python ? "pypi" : "deb"}/${part}`,
        name: part,
        version,
        purl: python ? `pkg:pypi/${part}@${encodeURIComponent(version)}` : `pkg:deb/debian/${part}@${encodeURIComponent(version)}`,
        ...(digest === undefined ? {} : { hashes: [{ alg: "SHA-256" as const, content: digest }] }),
      };
    });
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: { type: "container", "bom-ref": "image", name: `ballast/${name}`, version: record.recipeHash, description: title },
      properties: [
        { name: "ballast:image:reference", value: record.reference },
        { name: "ballast:image:id", value: record.imageId },
        { name: "ballast:recipe:asOf", value: base.asOf },
        { name: "ballast:recipe:suites", value: suites.join(" ") },
      ],
    },
    components,
  };
}
