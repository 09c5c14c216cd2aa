import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { PackageURL } from "packageurl-js";
import { expect, test } from "vitest";
import { imagesFolder } from "../../../app/machine/machine-engine.ts";
import { loadRecipes, type Recipe } from "./recipe.ts";
import { sbomOf } from "./sbom.ts";

const RECIPES = await loadRecipes(imagesFolder(`${import.meta.dirname}/../../../..`));
const recipe = (name: string) => RECIPES.find((one) => one.name === name) as Recipe;
const record = (packages: Record<string, string>) => ({ reference: "ballast/x:1", imageId: "sha256:0", recipeHash: "1f", packages });

test("every package is a component with its version and a package URL that others can read back", () => {
  const bom = sbomOf(recipe("odoo-19"), record({ "odoo-19": "19.0+dfsg-1", "libc6:amd64": "2.41-1", openupgradelib: "3.13.7" }));
  const read = bom.components.map(({ purl }) => PackageURL.fromString(String(purl)));
  expect(read.map(({ type, namespace, name, version }) => [type, namespace ?? undefined, name, version])).toEqual([
    ["deb", "debian", "libc6:amd64", "2.41-1"],
    ["deb", "debian", "odoo-19", "19.0+dfsg-1"],
    ["pypi", undefined, "openupgradelib", "3.13.7"],
  ]);
  expect(bom.components[2]?.hashes).toEqual([
    { alg: "SHA-256", content: "86910f551cf949f062863eb1de3bf1582af77cd2b2bcc3031e1ee523c442e35c" },
  ]);
});

test("the bill of every recipe is valid CycloneDX 1.6, and the same image gives the same text", async () => {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
  for (const one of RECIPES) {
    const packages = Object.fromEntries(
      [...one.base.packages, ...one.libraries.map((library) => library.package)].map((name) => [name, "1:2.3~rc1-4"]),
    );
    const text = JSON.stringify(sbomOf(one, record(packages)));
    expect([one.name, await validator.validate(text)]).toEqual([one.name, null]);
    expect(JSON.stringify(sbomOf(one, record(packages)))).toBe(text);
  }
});
