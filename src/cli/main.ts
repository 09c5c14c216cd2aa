#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { join } from "node:path";

// Beside the packages: who can write there can change the program anyway. Node's own place for it is in a folder where everybody may put code for others.
enableCompileCache(join(import.meta.dirname, "../../node_modules/.cache/compiled"));
const { start } = await import("./start.ts");
await start(import.meta.filename, {
  installations: async () => {
    const { installationsOf } = await import("../app/installation/places.ts");
    return installationsOf(process.env);
  },
  async machine() {
    const [{ thisMachine }, { ownPackage }] = await Promise.all([
      import("../app/machine/machine.ts"),
      import("../app/installation/package-root.ts"),
    ]);
    return thisMachine(process.env, ownPackage().root, import.meta.filename);
  },
  async build() {
    return (await import("../app/installation/build.ts")).ownBuild();
  },
  async serve(request) {
    const { serveFleet } = await import("../app/serve/serve-fleet.ts");
    return await serveFleet(request, process.env);
  },
  async renderCompose(loaded) {
    const { renderCompose } = await import("../app/render/render-compose.ts");
    return await renderCompose(loaded, process.env);
  },
  async sboms() {
    return await (await import("../app/render/sbom.ts")).sboms();
  },
  async codeTables() {
    return (await import("../app/revisions/code-tables.ts")).CODE_TABLES;
  },
  async service(fleet) {
    const { thisService } = await import("../app/service/service.ts");
    return await thisService(process.env, import.meta.filename).of(fleet);
  },
  async spawnServer(fleet, desired) {
    const { spawnServer } = await import("../app/serve/spawn-server.ts");
    return await spawnServer(fleet, { env: process.env, main: import.meta.filename, giveUpLost: desired?.giveUpLost === true });
  },
});
