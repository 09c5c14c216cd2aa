import { expect, test } from "vitest";
import { hostThatLeads } from "./entry.ts";
import type { StackNode } from "./node.ts";

function routeTo(...hosts: string[]): StackNode<"route"> {
  return { id: "acme/production/route", kind: "route", spec: { hosts }, uses: [], from: [] } as unknown as StackNode<"route">;
}

test("people come by the host that is declared, and by the former as long as the change of it waits", () => {
  expect(hostThatLeads(routeTo("acme.example"), undefined)).toBe("acme.example");
  expect(hostThatLeads(routeTo("acme.example"), routeTo("acme.example"))).toBe("acme.example");
  expect(hostThatLeads(routeTo("new.example"), routeTo("acme.example", "also.example"))).toBe("acme.example");
  expect(hostThatLeads(routeTo("new.example"), routeTo("acme.example", "new.example"))).toBe("new.example");
  expect(hostThatLeads(routeTo("new.example"), routeTo())).toBe("new.example");
});
