import { expect, test } from "vitest";
import { type LocalImage, supersededOf } from "./superseded.ts";

const RULE = { namespace: "ballast", before: 1000 };
const NOBODY = { imageIds: new Set<string>(), references: new Set<string>() };

function image(id: string, names: readonly string[], over: Partial<LocalImage> = {}): LocalImage {
  return { id, names, labels: { "ballast.recipe": id }, bytes: 1, created: 1, ...over };
}

function ids(images: readonly LocalImage[], inUse: Partial<typeof NOBODY> = {}): readonly string[] {
  return supersededOf(images, { ...NOBODY, ...inUse }, RULE).map(({ id }) => id);
}

test("an image of ours that nobody uses is superseded, with or without its name", () => {
  expect(ids([image("old", ["ballast/odoo-19:1"]), image("nameless", [])])).toEqual(["old", "nameless"]);
});

test("what a container holds, what a fleet asks for, and what these stand on is kept", () => {
  const images = [
    image("held", ["ballast/odoo-19:1"]),
    image("wanted", ["ballast/odoo-19:2"], { labels: { "ballast.base": "ballast/base-odoo-19:2" } }),
    image("base", ["ballast/base-odoo-19:2"]),
    image("old-base", ["ballast/base-odoo-19:1"]),
  ];
  expect(ids(images, { imageIds: new Set(["held"]), references: new Set(["ballast/odoo-19:2"]) })).toEqual(["old-base"]);
});

test("an image that somebody else made or named is never ours", () => {
  const images = [
    image("else", ["postgres:15"], { labels: {} }),
    image("also-named", ["ballast/odoo-19:1", "registry.example/odoo:keep"]),
    image("nameless", [], { labels: {} }),
    image("looks-like", ["ballastic/odoo-19:1"]),
  ];
  expect(ids(images)).toEqual([]);
});

test("an image that was made just now may be wanted by work that is under way", () => {
  expect(ids([image("new", ["ballast/odoo-19:1"], { created: 1000 })])).toEqual([]);
});
