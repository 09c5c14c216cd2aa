import { expect, test } from "vitest";
import type { Stack } from "../../domain/stack/node.ts";
import { ProblemError } from "../../kernel/problem.ts";
import { declaredStack } from "./declared-stack.ts";

const IDS = ["acme/production", "acme/staging", "pool/everyone"];
const stacks = new Map(IDS.map((id) => [id, { id, role: "environment", nodes: [] } as unknown as Stack]));

function refusal(address: string): string {
  try {
    return declaredStack({ stacks }, address).id;
  } catch (error) {
    const [problem] = (error as ProblemError).problems;
    return `${problem?.code} ${problem?.at} ${problem?.message} (${problem?.hint})`;
  }
}

test("an address names a stack; of a tenant the environments are told, and of what is misspelt the nearest", () => {
  expect(refusal("acme/production")).toBe("acme/production");
  expect(refusal("acme")).toBe(
    "BAL-A026 acme is a tenant, and each of its environments has data of its own: name that (one of: acme/production acme/staging)",
  );
  expect(refusal("acme/prodution")).toBe(
    `BAL-A026 acme/prodution nothing that is declared has this address. Did you mean "acme/production"? (one of: ${IDS.join(" ")})`,
  );
});
