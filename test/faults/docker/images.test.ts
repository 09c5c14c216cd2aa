import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { dockerClient, imagesFolder } from "../../../src/app/machine/machine-engine.ts";
import { ensureImage } from "../../../src/engines/docker/images/build.ts";
import { loadRecipes } from "../../../src/engines/docker/images/recipe.ts";
import { PACKAGE_ROOT } from "../../support/docker-installation.ts";

const docker = dockerClient();
const folder = mkdtempSync(join(tmpdir(), "ballast-faulty-image-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a step of a build that fails is told in its own words, leaves no image under the name, and the repaired recipe is built", async () => {
  const recipe = (await loadRecipes(imagesFolder(PACKAGE_ROOT))).find((one) => one.name === "redis");
  if (recipe === undefined) throw new Error("no recipe");
  const withStep = (step: string, mark: string) => ({
    ...recipe,
    recipeHash: mark.repeat(16),
    files: recipe.files.map((file) =>
      file.path === "Dockerfile"
        ? { ...file, content: Buffer.concat([file.content, Buffer.from(`USER 0:0\nRUN ${step}\nUSER 10001:10001\n`)]) }
        : file,
    ),
  });
  const make = (step: string, mark: string) =>
    ensureImage({
      docker,
      recipe: withStep(step, mark),
      base: { from: "packages" },
      cacheDir: "/var/lib/ballast/.cache",
      onProgress: () => undefined,
    });
  const before = (await docker.listImages({ filters: { reference: ["ballast/redis"] } })).length;
  await expect(make("echo the imageStore is empty; exit 3", "dead")).rejects.toMatchObject({
    problems: [{ code: "BAL-I009", at: "redis", message: expect.stringContaining("the imageStore is empty") }],
  });
  expect((await docker.listImages({ filters: { reference: ["ballast/redis"] } })).length).toBe(before);
  const made = await make("true", "beef");
  await docker.getImage(made.reference).remove();
  expect(made.recipeHash).toBe("beef".repeat(16));
});
