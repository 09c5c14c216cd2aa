import { hashOf } from "../../../kernel/canonical.ts";
import { problem } from "./making.ts";
import type { DebianMirrors } from "./mirror.ts";
import type { Recipe } from "./recipe.ts";

/** What an image is built on: packages installed on this machine, or an official image by digest. */
export type BaseChoice =
  | { readonly from: "packages"; readonly mirrors?: DebianMirrors }
  | { readonly from: "registry"; readonly reference: string };

const BY_DIGEST = /^[a-z0-9][a-zA-Z0-9._/:-]*@sha256:[0-9a-f]{64}$/;

/** Refuses a base that could change under its name. */
export function checkBase(recipe: Recipe, base: BaseChoice): void {
  if (base.from === "packages" || BY_DIGEST.test(base.reference)) return;
  throw problem("BAL-I002", recipe.name, `the base "${base.reference}" is not named by digest, so it can change under its name`, {
    hint: "Write it as name@sha256:… (docker pull prints the digest).",
  });
}

/** The content hash of an image: of the recipe, and of the official image where one is the base. */
export function contentHash(recipe: Recipe, base: BaseChoice): string {
  return base.from === "packages" ? recipe.recipeHash : hashOf({ recipe: recipe.recipeHash, base: base.reference });
}

/** The local name of an image: `ballast/odoo-19:1a2b3c4d5e6f`. Known before anything is built. */
export function imageReference(recipe: Recipe, base: BaseChoice = { from: "packages" }): string {
  return `ballast/${recipe.name}:${contentHash(recipe, base).slice(0, 12)}`;
}
