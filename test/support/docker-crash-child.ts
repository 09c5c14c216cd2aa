/**
 * The real control plane of one fleet on real Docker, which kills itself once at every step that touches what is under test.
 * Arguments: the installation as JSON, the file that remembers where it struck, a text that the names of the steps to strike contain, and the moments (`after`, `before,after`).
 */
import { join } from "node:path";
import type { Installation } from "../../src/app/installation/installation.ts";
import { serve } from "../../src/app/serve/serve.ts";
import { strikeOnceAt } from "./strike.ts";

const [installation, struckFile, part, moments] = process.argv.slice(2) as [string, string, string, string];
process.exitCode = await serve({
  installation: JSON.parse(installation) as Installation,
  databaseUrl: undefined,
  packageRoot: join(import.meta.dirname, "..", ".."),
  version: "test",
  build: "test",
  port: 17_300,
  waitSeconds: 20,
  aroundStep: strikeOnceAt(struckFile, (name, moment) => moments.split(",").includes(moment) && name.includes(part)),
});
