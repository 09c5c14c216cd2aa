import { expect, test } from "vitest";
import type { Stack } from "../../domain/stack/node.ts";
import { ProblemError } from "../../kernel/problem.ts";
import { assertJourneySubject } from "./journey-subjects.ts";

const stacks = new Map<string, Stack>(
  [
    { id: "nis/production", role: "environment", nodes: [] } as const,
    { id: "acme/production", role: "environment", suspended: true, nodes: [] } as const,
    { id: "pool/everyone", role: "pool", nodes: [] } as const,
  ].map((stack) => [stack.id, stack]),
);

function refusal(stack: string): string | undefined {
  try {
    assertJourneySubject({ stacks }, stack);
    return undefined;
  } catch (error) {
    return (error as ProblemError).problems.map((one) => `${one.code} ${one.at} ${one.message}`).join();
  }
}

test("a journey is run only on an environment of the fleet that lets somebody in", () => {
  expect(refusal("nis/production")).toBeUndefined();
  expect(refusal("nix/production")).toBe('BAL-A004 nix/production no environment has this address. Did you mean "nis/production"?');
  expect(refusal("pool/everyone")).toBe("BAL-A004 pool/everyone no environment has this address");
  expect(refusal("acme/production")).toBe(
    "BAL-A061 acme/production is suspended: nobody gets in, so there is nothing for a journey to run on",
  );
});
