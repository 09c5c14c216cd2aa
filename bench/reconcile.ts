/**
 * Measures how long a fleet of fifty stacks is down when all of them stop and five hang for good, beside the same without any that hangs:
 * `npm run bench:reconcile`. The real store and workflows over the simulated machine; one run a process, medians of three.
 */
import { spawnSync } from "node:child_process";
import { createWorld } from "../src/engines/memory/world.ts";
import { eventually } from "../test/support/api.ts";
import { fleetText } from "../test/support/churn.ts";
import { testServer } from "../test/support/embedded-server.ts";
import { hangingEngine } from "../test/support/hanging-engine.ts";
import { simulatedPlane } from "../test/support/simulated-plane.ts";
import { median } from "./fleet.ts";

const TENANTS = 50;
const HUNG = 5;
const ROUNDS = 3;
const now = () => Date.parse("2026-11-22T12:00:00Z");

async function seconds(hungIn: string): Promise<number> {
  const server = await testServer();
  const world = createWorld({ now: now() });
  const hanging = hangingEngine();
  const names = Array.from({ length: TENANTS }, (_, index) => `t${index}`);
  const simulated = await simulatedPlane({
    connectionString: await server.database("bench"),
    fleet: "many",
    world,
    now,
    engine: (engine) => hanging.around(engine),
  });
  const files = [{ path: "fleet.yaml", text: fleetText(names, {}, "many") }];
  await simulated.plane.start({ verb: "apply", id: "op-begin", actor: "bench", files });
  await simulated.ended("op-begin");
  const odoos = names.map((name) => `${name}/production/odoo`);
  for (const name of names.slice(0, HUNG)) {
    if (hungIn === "apply") hanging.apply.add(`${name}/production`);
    if (hungIn === "observe") hanging.observe.add(`${name}/production`);
  }
  for (const id of odoos) {
    const object = world.objects.get(id);
    if (object !== undefined) world.objects.set(id, { ...object, condition: "stopped" });
  }
  const others = hungIn === "none" ? odoos : odoos.slice(HUNG);
  const began = performance.now();
  await simulated.reconciler.pass();
  await eventually("the repair", 300, async () =>
    others.every((id) => world.objects.get(id)?.condition === "serving") ? true : undefined,
  );
  const took = (performance.now() - began) / 1000;
  hanging.release();
  await simulated.reconciler.settled();
  await simulated.close();
  await server.stop();
  return took;
}

const [hungIn] = process.argv.slice(2);
if (hungIn === undefined) {
  for (const one of ["none", "apply", "observe"]) {
    const rounds = Array.from({ length: ROUNDS }, () => {
      const done = spawnSync(process.execPath, [import.meta.filename, one], { encoding: "utf8" });
      if (done.status !== 0) throw new Error(done.stderr);
      return Number(done.stdout);
    });
    const all = rounds.map((round) => round.toFixed(1)).join(", ");
    console.log(
      `${TENANTS} stacks stop, ${one === "none" ? "none hangs" : `${HUNG} hang in ${one}`}: others repaired within ${median(rounds).toFixed(1)} s (${all})`,
    );
  }
} else {
  console.log(await seconds(hungIn));
  process.exit(0);
}
