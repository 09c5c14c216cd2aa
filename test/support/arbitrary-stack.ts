import fc from "fast-check";
import type { AnyNode, Edge, Stack } from "../../src/domain/stack/node.ts";
import { nodeId, specHash } from "../../src/domain/stack/node.ts";
import type { Condition, Observation, ObservedNode, Seen } from "../../src/domain/stack/observation.ts";
import { ROUTE_LIMITS } from "./route-limits.ts";

const STACK = "any/production";

/** Nodes of several kinds whose edges only point backwards, so that every generated graph can be started. */
export function arbitraryStack(): fc.Arbitrary<Stack> {
  const shape = fc.record({
    kind: fc.constantFrom("boundary", "secret", "volume", "postgres", "database", "route"),
    number: fc.nat(3),
    uses: fc.array(fc.record({ back: fc.nat(6), as: fc.constantFrom("credential", "inside", "mount", "data") }), { maxLength: 3 }),
  });
  return fc.array(shape, { maxLength: 8 }).map((shapes) => ({
    id: STACK,
    role: "environment" as const,
    nodes: shapes.map(({ kind, number, uses }, index) => {
      const edges: Edge[] = uses
        .filter(({ back }) => back < index)
        .map(({ back, as }) => ({ to: nodeId(STACK, `n${back}`), as: as as Edge["as"] }));
      return { id: nodeId(STACK, `n${index}`), kind, spec: specOf(kind, number), uses: edges, from: [] } as unknown as AnyNode;
    }),
  }));
}

function specOf(kind: string, number: number): object {
  switch (kind) {
    case "boundary":
      return { outward: number % 2 === 0 ? "none" : "published" };
    case "secret":
      return { purpose: "role-password", bytes: 24, generation: number };
    case "volume":
      return { purpose: "postgres" };
    case "postgres":
      return { image: "i", memoryMiB: 256 + number, cpuShares: 1, pidsLimit: 1, epoch: 1, settings: {} };
    case "database":
      return {
        name: "d",
        role: "d",
        connectionLimit: number,
        series: "19.0",
        settings: {},
        reportUrl: "r",
        baseUrl: "u",
        neutralised: false,
        adminLogin: "a",
      };
    default:
      return { hosts: [`h${number}`], node: "o", port: 1, paths: [], closedPaths: [], limits: ROUTE_LIMITS, ownsSubdomains: true };
  }
}

/** What an engine would see of a stack that is exactly as wanted. */
export function seenAs(stack: Stack, condition: Condition = "serving"): Observation {
  const entries = stack.nodes.map((node): [string, Seen<ObservedNode>] => [
    node.id,
    { state: "present", at: 0, value: { declared: node, hash: specHash(node), condition, facts: {} } },
  ]);
  return { stack: stack.id, at: 0, nodes: new Map(entries) };
}

/** Any observation of a stack: parts of it as another stack wants them, stopped, missing or unknown. */
export function arbitraryObservation(stack: Stack): fc.Arbitrary<Observation> {
  const one = fc.constantFrom("serving", "stopped", "failing", "absent", "unknown");
  return fc.array(one, { minLength: stack.nodes.length, maxLength: stack.nodes.length }).map((states) => {
    const entries = stack.nodes.map((node, index): [string, Seen<ObservedNode>] => {
      const state = states[index] as Condition | "absent" | "unknown";
      if (state === "absent") return [node.id, { state, at: 0 }];
      if (state === "unknown") return [node.id, { state, since: 0, because: "no answer" }];
      return [node.id, { state: "present", at: 0, value: { declared: node, hash: specHash(node), condition: state, facts: {} } }];
    });
    return { stack: stack.id, at: 0, nodes: new Map(entries) };
  });
}
