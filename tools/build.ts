/** Makes `dist/` for the package: Node strips types in a clone, but not below node_modules, so the shipped program is plain JavaScript. */
import { spawnSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");

rmSync(join(ROOT, "dist"), { recursive: true, force: true });
const built = spawnSync(join(ROOT, "node_modules", ".bin", "tsc"), ["--project", "tsconfig.build.json"], { cwd: ROOT, stdio: "inherit" });
if (built.status === 0) chmodSync(join(ROOT, "dist", "src", "cli", "main.js"), 0o755);
process.exitCode = built.status ?? 1;
