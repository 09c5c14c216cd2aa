/**
 * A process that is a control plane as the command line meets it: the real API over the real store and workflows, and a simulated machine.
 * The machine is a file beside the installation's, so that it outlives this process. What is named in `vanished` there goes behind the control
 * plane's back, as if somebody had removed it by hand; a change of what is named in `hanging` waits until that file is gone.
 * Arguments: connection string, fleet. Where the installation lies is said by the environment.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { takeLeadership } from "../../src/adapters/store/leader.ts";
import { buildApi } from "../../src/api/server.ts";
import { ownBuild } from "../../src/app/installation/build.ts";
import { installationOf, readSurroundings } from "../../src/app/installation/installation.ts";
import { addressFile } from "../../src/app/installation/own-files.ts";
import { ownPackage } from "../../src/app/installation/package-root.ts";
import { forgetStop, leaveWord } from "../../src/app/installation/stopped-note.ts";
import { apiTokenIn } from "../../src/app/serve/api-token.ts";
import type { NodeId } from "../../src/domain/stack/node.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { createWorld } from "../../src/engines/memory/world.ts";
import { simulatedPlane } from "./simulated-plane.ts";

const [connectionString, fleet] = process.argv.slice(2) as [string, string];
const installation = installationOf(readSurroundings(process.env), fleet);
mkdirSync(installation.root, { recursive: true, mode: 0o711 });
const NOON = Date.parse("2026-11-22T12:00:00Z");
const began = beganAt(join(installation.root, "began"));
/** A Sunday noon when it was first started, and from then on time goes by. */
const now = () => NOON + Date.now() - began;
const leadership = await takeLeadership(connectionString, 20);
if (leadership === undefined) throw new Error("another process still leads");
const world = createWorld({ file: join(installation.root, "world.json"), now: now() });
const token = apiTokenIn(installation.tokenFile, () => undefined);
const stopped = Promise.withResolvers<void>();
const { version } = ownPackage();
const simulated = await simulatedPlane({
  connectionString,
  fleet,
  world,
  now,
  engine: seeing,
  ownSecrets: { "api-token": async () => token.rotate() },
  served: { version, build: ownBuild(), shutdown: () => stopped.resolve() },
});
const api = await buildApi({
  plane: simulated.plane,
  token: () => token.current(),
  version,
  onFault: (error) => process.stderr.write(`${String(error)}\n`),
  limits: { all: 64, strangers: 16, streams: 16 },
});
const url = await api.listen({ host: "127.0.0.1", port: 0 });
forgetStop(installation);
addressFile(installation, { url, version }).keep();
await stopped.promise;
await leaveWord(installation, { store: simulated.store, zone: async () => (await simulated.plane.health()).zone, fault: console.error });
await api.close();
await simulated.close();
await leadership.release();
process.exit(0);

function beganAt(file: string): number {
  if (!existsSync(file)) writeFileSync(file, String(Date.now()));
  return Number(readFileSync(file, "utf8"));
}

/** The engine, to which that is gone which was removed by hand before it looks. */
function seeing(engine: Engine): Engine {
  const file = join(installation.root, "vanished");
  const vanish = () => {
    if (!existsSync(file)) return;
    for (const node of readFileSync(file, "utf8").trim().split("\n")) world.objects.delete(node as NodeId);
    world.save();
    rmSync(file);
  };
  const hanging = join(installation.root, "hanging");
  const hangs = (node: NodeId) => existsSync(hanging) && readFileSync(hanging, "utf8").split("\n").includes(node);
  return {
    ...engine,
    async apply(change, context) {
      while (hangs(change.node) && !context.signal.aborted) await sleep(50);
      return await engine.apply(change, context);
    },
    observe(stack) {
      vanish();
      return engine.observe(stack);
    },
    survey(stacks) {
      vanish();
      return engine.survey?.(stacks) ?? stacks.map((stack) => engine.observe(stack));
    },
    stacks() {
      vanish();
      return engine.stacks();
    },
  };
}
