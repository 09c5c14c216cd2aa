import type Dockerode from "dockerode";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dockerClient, imagesFolder } from "../../src/app/machine/machine-engine.ts";
import { sboms } from "../../src/app/render/sbom.ts";
import { plainText } from "../../src/engines/docker/container/log-frames.ts";
import { ensureImage } from "../../src/engines/docker/images/build.ts";
import { loadRecipes, type Recipe } from "../../src/engines/docker/images/recipe.ts";
import { type DockerBench, openBench } from "../support/docker-bench.ts";
import { PACKAGE_ROOT } from "../support/docker-installation.ts";

const docker = dockerClient();
const CACHE = "/var/lib/ballast/.cache";
let recipes: readonly Recipe[];
let bench: DockerBench;

beforeAll(async () => {
  recipes = await loadRecipes(imagesFolder(PACKAGE_ROOT));
  bench = await openBench(docker, "sbom");
  const recipe = recipes.find((one) => one.name === "redis") as Recipe;
  await ensureImage({ docker, recipe, base: { from: "packages" }, cacheDir: CACHE, onProgress: () => undefined });
});
afterAll(async () => {
  await bench.close();
});

async function printedBy(container: Dockerode.Container): Promise<string> {
  await container.wait();
  return plainText((await container.logs({ stdout: true })) as unknown as Buffer);
}

test("the bill of materials of an image lists what its package manager says is installed, version by version", async () => {
  const bills = await sboms();
  expect(bills.map((bill) => bill.image).sort()).toEqual(recipes.map((recipe) => recipe.name).sort());
  const bill = bills.find((one) => one.image === "redis")?.document;
  const reference = bill?.metadata.properties.find((property) => property.name === "ballast:image:reference")?.value ?? "";
  const asked = await bench.start({
    image: reference,
    name: "asked",
    entrypoint: ["dpkg-query", "--show", "--showformat=${Package} ${Version}\\n"],
  });
  const said = (await printedBy(asked)).split("\n").flatMap((line) => /^\S+ \S+$/.exec(line.trim()) ?? []);
  const listed = (bill?.components ?? []).map((one) => `${one.name} ${one.version}`);
  expect([said.length > 60, [...listed].sort()]).toEqual([true, [...said].sort()]);
});
