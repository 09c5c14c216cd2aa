/**
 * The real control plane of one fleet on real Docker, which kills itself once after the effect of every step that touches the environment under test.
 * Arguments: the installation as JSON, the file that remembers where it struck, and a text that the names of the steps to strike contain.
 */
import { join } from "node:path";
import type { Installation } from "../../src/app/installation.ts";
import { serve } from "../../src/app/serve.ts";
import { strikeOnceAt } from "./strike.ts";

const [installation, struckFile, part] = process.argv.slice(2) as [string, string, string];
process.exitCode = await serve({
  installation: JSON.parse(installation) as Installation,
  databaseUrl: undefined,
  packageRoot: join(import.meta.dirname, "..", ".."),
  version: "test",
  build: "test",
  port: 17_300,
  waitSeconds: 20,
  aroundStep: strikeOnceAt(struckFile, (name, moment) => moment === "after" && name.includes(part)),
});
