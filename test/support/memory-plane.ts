import { setTimeout as sleep } from "node:timers/promises";
import {
  type FleetPlan,
  type OperationEventShape,
  type OperationShape,
  PROTOCOL,
  type StartOperation,
} from "../../src/api/contract/contract.ts";
import type { ControlPlane, FleetFileText } from "../../src/api/port.ts";
import { ownBuild } from "../../src/app/installation/build.ts";
import { type Compiled, compile } from "../../src/domain/blueprint/compile.ts";
import { loadFleet } from "../../src/domain/fleet/load.ts";
import { planStack } from "../../src/domain/plan/plan.ts";
import { healthOf } from "../../src/domain/stack/status.ts";
import { createMemoryEngine } from "../../src/engines/memory/engine.ts";
import { createWorld } from "../../src/engines/memory/world.ts";

/** Stands for every sealed value, so that a test can look for it where it must not be. */
export const SECRET = "the-sealed-value-that-nobody-may-see";

/** A control plane over a simulated machine, with the real API in front of it. Its process is a stand-in that `down` may end. */
export function memoryPlane(shutdown: () => void, pid: number): ControlPlane {
  const world = createWorld({ now: Date.now() });
  const engine = createMemoryEngine(world);
  const operations = new Map<string, OperationShape>();
  const events: OperationEventShape[] = [];
  let current: Compiled | undefined;
  function compiled(files: readonly FleetFileText[]): Compiled {
    const loaded = loadFleet(files, { today: "2026-11-22" });
    if (!loaded.ok) throw new Error("the test's fleet has mistakes");
    const result = compile(loaded.value, { images: {}, ingress: { address: "127.0.0.1", port: 8443 }, certificateGeneration: 1 });
    if (!result.ok) throw new Error("the test's fleet cannot be compiled");
    return result.value;
  }
  async function converge(id: string, wanted: Compiled) {
    const results = [];
    const find = (node: string) => [...wanted.stacks.values()].flatMap((stack) => stack.nodes).find((one) => one.id === node);
    const vault = { secret: async () => SECRET, certificate: async () => ({ certificate: "", key: SECRET }) };
    for (const stack of wanted.stacks.values()) {
      const { changes } = planStack(stack, await engine.observe(stack));
      for (const change of changes) {
        await engine.apply(change, { stack, find, vault, progress: () => undefined, signal: new AbortController().signal });
        events.push({
          seq: events.length + 1,
          operation: id,
          at: new Date().toISOString(),
          kind: "change",
          subject: change.node,
          text: "created",
        });
      }
      const changed = changes.map(({ node, verb }) => ({ node, verb }));
      results.push({ stack: stack.id, state: "done", changed, held: [], kept: [], problems: [] });
    }
    return { state: "done", stacks: results, problems: [] };
  }
  async function resultOf(request: StartOperation): Promise<Record<string, unknown>> {
    if (request.verb === "apply") {
      current = compiled(request.files);
      return await converge(request.id, current);
    }
    if (request.verb === "journey")
      return { state: "done", full: [], reading: [{ step: "login page", seconds: 1, saw: "it" }], problems: [] };
    return request.verb === "stop"
      ? { state: "done", stopped: await engine.stacks(), problems: [] }
      : { state: "done", stacks: [], problems: [] };
  }
  return {
    health: async () => ({
      status: "serving",
      version: "0.1.0",
      build: ownBuild(),
      protocol: PROTOCOL,
      fleet: "hello",
      instance: "i",
      pid,
      engine: "memory",
      zone: "Europe/Berlin",
    }),
    async plan(files): Promise<FleetPlan> {
      const stacks = [];
      for (const stack of compiled(files).stacks.values()) {
        const { changes } = planStack(stack, await engine.observe(stack));
        const shown = changes.map(({ node, kind, verb, because, impact }) => ({
          node,
          kind,
          verb,
          because: because.map((one) => one.text),
          impact,
        }));
        stacks.push({ stack: stack.id, role: stack.role, changes: shown, unknown: [] });
      }
      return { fleet: "hello", revision: "r", stacks, notes: [], findings: [] };
    },
    async start(request) {
      const base = {
        id: request.id,
        verb: request.verb,
        stack: null,
        parent: null,
        actor: request.actor,
        createdAt: new Date().toISOString(),
      };
      const running: OperationShape = { ...base, state: "running", result: null, finishedAt: null };
      operations.set(request.id, running);
      if (request.id === "op-endless") return running;
      const result = await resultOf(request);
      operations.set(request.id, { ...running, state: "done", result, finishedAt: new Date().toISOString() });
      return running;
    },
    operations: async () => [...operations.values()],
    operation: async (id) => operations.get(id),
    parts: async () => [],
    decisions: async (id) => {
      const found = operations.get(id);
      if (found === undefined) return [];
      return [
        {
          at: found.createdAt,
          actor: found.actor,
          act: "operation.allow",
          subject: "acme/production",
          reasons: ["inside a maintenance window"],
        },
      ];
    },
    follow: () => ({ next: (atMostMs) => sleep(Math.min(atMostMs, 20)), end: () => undefined }),
    events: async (id, after) => events.filter((event) => event.operation === id && event.seq > after),
    async status() {
      const stacks = [];
      for (const stack of current?.stacks.values() ?? []) {
        const seen = await engine.observe(stack);
        const { state, because, drift } = healthOf(stack, seen);
        const nodes = stack.nodes.map((node) => ({ node: node.id, kind: node.kind, condition: "serving" }));
        stacks.push({ stack: stack.id, state, because: [...because], drift: [...drift], nodes, url: "https://acme.hello.localhost" });
      }
      return { fleet: "hello", asOf: new Date().toISOString(), stacks, notes: [] };
    },
    logs: (request) => engine.logs(request),
    shutdown,
  };
}
