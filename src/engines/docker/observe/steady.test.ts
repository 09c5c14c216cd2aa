import type Dockerode from "dockerode";
import { expect, test } from "vitest";
import type { ObservedNode } from "../../../domain/stack/observation.ts";
import { crashingOf } from "../container/restarts.ts";
import type { Scope } from "../scope.ts";
import { answersNow, askedAgain, untilSteady } from "./steady.ts";

const NOW = 1_800_000_000_000;
const CHECK = ["CMD", "sh", "-c", "test -f /tmp/alive"];

interface Seen {
  readonly restarts?: number;
  readonly startedAgo?: number;
  readonly health?: "starting" | "healthy" | "unhealthy";
  readonly restarting?: boolean;
}

let made = 0;
const newId = () => `c${++made}`;

function container(id: string, { restarts = 1, startedAgo = 20, health = "starting", restarting = false }: Seen = {}) {
  return {
    Id: id,
    Config: { Healthcheck: { Test: CHECK } },
    RestartCount: restarts,
    State: {
      Running: true,
      Paused: false,
      Restarting: restarting,
      StartedAt: new Date(NOW - startedAgo * 1000).toISOString(),
      Health: { Status: health },
    },
  } as unknown as Dockerode.ContainerInspectInfo;
}

/** A Docker Engine with one container, which looks so at each look, the last one for ever, and whose health check ends with these codes. */
function engine(looks: readonly Dockerode.ContainerInspectInfo[], exits: readonly number[]) {
  const told = { looks: 0, checks: 0, commands: [] as string[][] };
  const exec = {
    start: async () => undefined,
    inspect: async () => ({ Running: false, ExitCode: exits[Math.min(told.checks, exits.length) - 1] ?? 1 }),
  };
  const only = {
    inspect: async () => looks[Math.min(++told.looks, looks.length) - 1],
    exec: async ({ Cmd }: { Cmd: string[] }) => {
      told.checks++;
      told.commands.push(Cmd);
      return exec;
    },
  };
  const scope = { docker: { getContainer: () => only }, now: () => NOW } as unknown as Pick<Scope, "docker" | "now">;
  return { scope, told };
}

test("what was started again and answers its health check serves, though Docker has not asked it yet", async () => {
  const one = container(newId());
  expect(await crashingOf(one, NOW, async () => true)).toEqual({});
  expect(await crashingOf(one, NOW, async () => false)).toEqual({
    failing: { condition: "failing", because: "ended by itself, was started again 20 s ago, and has not shown its health yet" },
  });
});

test("it is asked only where the answer decides", async () => {
  let asked = 0;
  const ask = async () => ++asked > 0;
  const id = newId();
  await crashingOf(container(id, { restarts: 0 }), NOW - 30_000, ask);
  await crashingOf(container(newId(), { health: "healthy" }), NOW, ask);
  await crashingOf(container(newId(), { startedAgo: 61 }), NOW, ask);
  const looping = await crashingOf(container(id, { restarts: 2 }), NOW, ask);
  expect([asked, looping.failing?.because]).toEqual([0, "ended 2 times within a minute, and was started again each time"]);
});

test("its own health check is run, and what cannot be asked did not answer", async () => {
  const { scope, told } = engine([], [0, 1]);
  const one = container(newId());
  expect([await answersNow(scope, one), await answersNow(scope, one), told.commands[0]]).toEqual([true, false, CHECK.slice(1)]);
  const gone = { docker: { getContainer: () => ({ exec: () => Promise.reject(new Error("is not running")) }) } } as unknown as Scope;
  expect(await answersNow(gone, one)).toBe(false);
});

test("a repair waits until what comes back answers by itself, and not for Docker's next question", async () => {
  const id = newId();
  const { scope, told } = engine([container(id, { restarting: true }), container(id)], [1, 0]);
  await untilSteady(scope, "acme/production/odoo", id);
  expect(told).toMatchObject({ looks: 3, checks: 2 });
});

test("what Docker called unhealthy must be called healthy by Docker: the list of all containers says so too", async () => {
  const id = newId();
  const { scope, told } = engine(
    [container(id, { restarts: 0, health: "unhealthy" }), container(id, { restarts: 0, health: "healthy" })],
    [],
  );
  await untilSteady(scope, "acme/production/odoo", id);
  expect(told).toMatchObject({ looks: 2, checks: 0 });
});

test("what ended twice within a minute is waited for though it answers in between", async () => {
  const id = newId();
  await crashingOf(container(id, { restarts: 0 }), NOW - 58_500, async () => true);
  const { scope, told } = engine([container(id, { restarts: 2, health: "healthy" })], []);
  let now = NOW;
  await untilSteady({ ...scope, now: () => (now += 1000) }, "acme/production/odoo", id);
  expect(told.looks).toBe(2);
});

test("what Docker still calls unhealthy serves once it answers its health check", async () => {
  const id = newId();
  const unhealthy = container(id, { health: "unhealthy" });
  const said = {
    condition: "failing",
    because: "runs, and does not answer its health check",
    hangs: true,
    facts: {},
  } as unknown as ObservedNode;
  const { scope: answering } = engine([unhealthy], [0]);
  const { scope: silent } = engine([unhealthy], [1]);
  expect(await askedAgain(answering, unhealthy, said)).toEqual({ condition: "serving", facts: {} });
  expect(await askedAgain(silent, unhealthy, said)).toBe(said);
});

test("what is held, or is failing for another reason than its health, is not asked", async () => {
  const healthy = container(newId(), { health: "healthy" });
  const held = { ...healthy, State: { ...healthy.State, Paused: true, Health: { ...healthy.State.Health, Status: "unhealthy" } } };
  const said = { condition: "failing", because: "something else", facts: {} } as unknown as ObservedNode;
  for (const found of [healthy, held as Dockerode.ContainerInspectInfo]) {
    const { scope, told } = engine([found], [0]);
    expect([await askedAgain(scope, found, said), told.checks]).toEqual([said, 0]);
  }
});
