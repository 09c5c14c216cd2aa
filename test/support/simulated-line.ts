/**
 * The command line, but for two things: the machine it would prepare is well, and the control plane it starts has a simulated machine.
 * The environment says which store that uses: BALLAST_DATABASE_URL.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ownBuild } from "../../src/app/installation/build.ts";
import { installationsOf } from "../../src/app/installation/places.ts";
import { renderCompose } from "../../src/app/render/render-compose.ts";
import { sboms } from "../../src/app/render/sbom.ts";
import { CODE_TABLES } from "../../src/app/revisions/code-tables.ts";
import { thisService } from "../../src/app/service/service.ts";
import { start } from "../../src/cli/start.ts";

const { env } = process;

await start(import.meta.filename, {
  installations: async () => installationsOf(env),
  machine: async () => ({
    examine: async () => [{ id: "docker", state: "ok", text: "a simulated machine" }],
    page: async () => [],
    superseded: async () => [],
    prune: async () => [],
    install: async () => undefined,
  }),
  serve: () => Promise.reject(new Error("a simulated control plane is a process of its own")),
  build: async () => ownBuild(),
  async spawnServer(fleet) {
    const args = [join(import.meta.dirname, "simulated-server.ts"), env["BALLAST_DATABASE_URL"] ?? "", fleet];
    const child = spawn(process.execPath, args, { detached: true, stdio: "ignore" });
    const ended = new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
    child.unref();
    return { pid: child.pid ?? 0, ended };
  },
  service: (fleet) => thisService(env, import.meta.filename).of(fleet),
  renderCompose: (loaded) => renderCompose(loaded, env),
  sboms: async () => await sboms(),
  codeTables: async () => CODE_TABLES,
});
