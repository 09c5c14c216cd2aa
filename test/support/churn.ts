import type { World } from "../../src/engines/memory/world.ts";
import { ProblemError } from "../../src/kernel/problem.ts";
import { document, ground } from "./fleet-text.ts";
import type { SimulatedPlane } from "./simulated-plane.ts";

/** What a day of churn remembers between two lives of the process. */
export interface Churn {
  readonly seed: number;
  readonly acts: Record<string, number>;
  began: number;
  kills: number;
  tenants: string[];
  readonly marks: object[];
}

interface Deed {
  readonly simulated: SimulatedPlane;
  readonly world: World;
  readonly state: Churn;
  readonly remember: () => void;
}

/** A number from 0 to 1 that follows from a seed and a place (mulberry32). */
export function chance(seed: number, place: number): number {
  let mixed = (seed + Math.imul(place, 0x6d2b79f5)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
}

/** A fleet of tenants on one pool; each may have a web memory of its own. */
export function fleetText(tenants: readonly string[], memoryMiB: Readonly<Record<string, number>>, fleet = "soak"): string {
  const declared = tenants.map((name) => {
    const sizes = memoryMiB[name] === undefined ? "" : `, sizes: { web: { memory: ${memoryMiB[name]}Mi } }`;
    const environments = `{ production: { hosting: shared, pool: everyone${sizes} } }`;
    return document("Tenant", name, `{ owner: { name: Ops, email: ops@soak.example }, calendar: office, environments: ${environments} }`);
  });
  const maintenance = '[{ days: [sat, sun], from: "02:00", to: "05:00" }]';
  return [...ground(fleet, { maintenance }), ...declared].join("---\n");
}

const MOST_TENANTS = 6;

/** One act of a day: somebody declares something, something breaks, something is asked for. */
export async function churn(deed: Deed): Promise<void> {
  const { state } = deed;
  const dice = chance(state.seed, state.began);
  const act =
    dice < 0.3 ? "declare" : dice < 0.65 ? "damage" : dice < 0.75 ? "silence" : dice < 0.85 ? "journey" : dice < 0.95 ? "remove" : "rest";
  state.acts[act] = (state.acts[act] ?? 0) + 1;
  await ACTS[act]?.(deed, chance(state.seed + 1, state.began));
}

const ACTS: Readonly<Record<string, (deed: Deed, dice: number) => Promise<void>>> = {
  async declare({ simulated, state, remember }, dice) {
    const spare = Array.from({ length: MOST_TENANTS }, (_, index) => `t${index}`).filter((name) => !state.tenants.includes(name));
    if (dice < 0.4 && spare[0] !== undefined) state.tenants.push(spare[0]);
    else if (dice < 0.7 && state.tenants.length > 1) state.tenants.splice(1 + (Math.floor(dice * 1000) % (state.tenants.length - 1)), 1);
    remember();
    const memory = { [state.tenants[0] as string]: 768 + 64 * (Math.floor(dice * 1000) % 4) };
    // Who is asked whether several are to be closed, or one is another's new name, says that it is meant.
    const answers = { confirmed: "soak", reallyNew: [...state.tenants] };
    await operate(simulated, { verb: "apply", files: [{ path: "fleet.yaml", text: fleetText(state.tenants, memory) }], ...answers }, state);
  },
  async damage({ world }, dice) {
    const ids = [...world.objects.keys()];
    const id = ids[Math.floor(dice * ids.length)];
    const object = id === undefined ? undefined : world.objects.get(id);
    if (id === undefined || object === undefined) return;
    // Data is not lost behind Ballast's back here: that is what backups are for.
    if (["database", "volume", "filestore", "secret", "authority"].includes(object.declared.kind)) return;
    if (dice < 0.5) world.objects.delete(id);
    else world.objects.set(id, { ...object, condition: "failing", because: "killed" });
    world.save();
  },
  async silence({ simulated, world }) {
    world.silent.set("*", "the machine does not answer");
    for (let looks = 0; looks < 5; looks++) {
      world.now += 12_000;
      await simulated.look();
    }
    world.silent.delete("*");
  },
  journey: ({ simulated, state }) => operate(simulated, { verb: "journey", stack: "t0/production" }, state),
  async remove({ simulated, state }, dice) {
    // What is in force counts: whoever was killed may have meant other tenants than were applied.
    const dropped = (await simulated.plane.status()).stacks.filter((one) => one.state === "undeclared");
    const one = dropped[Math.floor(dice * dropped.length)];
    if (one !== undefined)
      await operate(simulated, { verb: "remove", stack: one.stack, confirmed: one.stack.split("/")[0] as string }, state);
  },
};

type Desired =
  | { verb: "apply"; files: { path: string; text: string }[]; confirmed: string; reallyNew: string[] }
  | { verb: "journey"; stack: string }
  | { verb: "remove"; stack: string; confirmed: string };

/** Starts an operation by an id that follows from the place in the day, so that a process that was killed meanwhile asks for the same one again. */
async function operate(simulated: SimulatedPlane, desired: Desired, state: Churn): Promise<void> {
  const id = `op-${state.began}`;
  for (;;) {
    try {
      await simulated.plane.start({ ...desired, id, actor: "anna" });
      break;
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problems[0]?.code !== UNDER_WAY) throw error;
    }
    // What an earlier life of the process began goes on in this one, and is told to whoever asks for something else: follow it, and ask again after it.
    for (const one of await simulated.plane.operations(50)) if (one.state === "running") await simulated.ended(one.id);
  }
  await simulated.ended(id);
}

const UNDER_WAY = "BAL-W030";
