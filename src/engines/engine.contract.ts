import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isEmpty } from "../domain/plan/change.ts";
import { planStack } from "../domain/plan/plan.ts";
import { driftOf } from "../domain/stack/drift.ts";
import { nodeId, type Stack, specHash } from "../domain/stack/node.ts";
import { startWaves } from "../domain/stack/order.ts";
import type { ApplyContext, Engine, Vault } from "./engine.ts";
import { contractStacks, PLATFORM, POOL, TENANT, tenantStack } from "./stacks.contract.ts";
import { survey } from "./survey.ts";

/** What a suite needs of an engine under test. */
export interface ContractSubject {
  readonly engine: Engine;
  /** Image references that the engine can run. */
  readonly images: Readonly<Record<"odoo-19" | "postgres" | "traefik", string>>;
  readonly vault: Vault;
  /** A free port for the ingress. */
  readonly port: number;
  /** Puts an object of somebody else beside ours and tells later whether it is still there. */
  readonly foreign: { make(): Promise<void>; isThere(): Promise<boolean> };
  /** Takes a node's process away behind the engine's back, as a crash would. */
  readonly crash: (node: string) => Promise<void>;
  /** Gives the process of a node another memory limit behind the engine's back, MiB. */
  readonly squeeze: (node: string, memoryMiB: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** One suite for every engine: what a decision may rely on, whatever stands behind it. */
export function engineContract(name: string, open: () => Promise<ContractSubject>): void {
  describe(`the engine contract, kept by ${name}`, () => {
    let subject: ContractSubject;
    let stacks: ReturnType<typeof contractStacks>;
    beforeAll(async () => {
      subject = await open();
      stacks = contractStacks(subject);
    });
    afterAll(async () => {
      for (const stack of [TENANT, POOL, PLATFORM]) await bring({ id: stack, role: "environment", nodes: [] }, "remove-all");
      await subject.close();
    });

    function context(stack: Stack): ApplyContext {
      const all = [stacks.platform, stacks.pool, stacks.tenant].flatMap((one) => one.nodes);
      return {
        stack,
        find: (id) => stack.nodes.find((one) => one.id === id) ?? all.find((one) => one.id === id),
        vault: subject.vault,
        progress: () => undefined,
        signal: AbortSignal.timeout(600_000),
      };
    }

    /** Plans and applies until the plan is empty, as an operation would; returns what was done. */
    async function bring(stack: Stack, closing: "keep-data" | "remove-all" = "keep-data"): Promise<readonly string[]> {
      const plan = planStack(stack, await subject.engine.observe(stack), closing);
      const done: string[] = [];
      const order = startWaves(
        plan.changes.map((change) => ({ id: change.node, uses: change.after.map((to) => ({ to, as: "data" as const })) })),
      );
      for (const id of order.flat()) {
        const change = plan.changes.find((one) => one.node === id);
        if (change === undefined || change.verb === "keep") continue;
        const applied = await subject.engine.apply(change, context(stack));
        done.push(`${applied.did} ${id}`);
      }
      return done;
    }

    test("of a stack that was never made, every node is absent and none is unknown", async () => {
      for (const stack of [stacks.platform, stacks.pool, stacks.tenant]) {
        const seen = await subject.engine.observe(stack);
        expect([...seen.nodes.values()].map((observation) => observation.state)).toEqual(stack.nodes.map(() => "absent"));
      }
    });

    test("what is applied is there, runs, and carries the hash of what was wanted", async () => {
      for (const stack of [stacks.platform, stacks.pool, stacks.tenant]) {
        expect(await bring(stack)).toEqual(
          startWaves(stack.nodes)
            .flat()
            .map((id) => `created ${id}`),
        );
        const seen = await subject.engine.observe(stack);
        const summary = [...seen.nodes].map(([id, observation]) => [
          id,
          observation.state === "present" ? [observation.value.hash, observation.value.condition] : observation.state,
        ]);
        expect(Object.fromEntries(summary)).toEqual(Object.fromEntries(stack.nodes.map((one) => [one.id, [specHash(one), "serving"]])));
      }
      expect(await subject.engine.stacks()).toEqual([TENANT, PLATFORM, POOL].sort());
    });

    test("planning again is empty, and applying the same change again does nothing", async () => {
      for (const stack of [stacks.platform, stacks.pool, stacks.tenant]) {
        const before = planStack(stack, { stack: stack.id, at: 0, nodes: new Map() });
        for (const change of before.changes) {
          const applied = await subject.engine.apply(change, context(stack));
          expect([applied.node, applied.did]).toEqual([change.node, "nothing"]);
        }
        expect(isEmpty(planStack(stack, await subject.engine.observe(stack)))).toBe(true);
      }
    });

    test("a changed desired state is seen field by field and made real", async () => {
      const larger = tenantStack(subject.images["odoo-19"], 640);
      const plan = planStack(larger, await subject.engine.observe(larger));
      expect(plan.changes.map((change) => [change.node, change.verb, change.because.map((reason) => reason.text)])).toEqual([
        [nodeId(TENANT, "odoo"), "update", ["memoryMiB 512 → 640"]],
      ]);
      await bring(larger);
      expect(isEmpty(planStack(larger, await subject.engine.observe(larger)))).toBe(true);
    });

    test("a process that ended is seen as stopped and started again, not recreated", async () => {
      const larger = tenantStack(subject.images["odoo-19"], 640);
      await subject.crash(nodeId(TENANT, "odoo"));
      expect(planStack(larger, await subject.engine.observe(larger)).changes.map((change) => [change.node, change.verb])).toEqual([
        [nodeId(TENANT, "odoo"), "start"],
      ]);
      expect(await bring(larger)).toEqual([`started ${nodeId(TENANT, "odoo")}`]);
    });

    test("what was changed by hand is seen field by field, and put back while it runs", async () => {
      const larger = tenantStack(subject.images["odoo-19"], 640);
      const id = nodeId(TENANT, "odoo");
      await subject.squeeze(id, 600);
      expect(driftOf(larger, await subject.engine.observe(larger))).toEqual([
        { node: id, kind: "edited", field: "memoryMiB", says: "memoryMiB 640 → 600" },
      ]);
      const { changes } = planStack(larger, await subject.engine.observe(larger));
      expect(
        changes.map(({ node, verb, because, impact }) => [node, verb, because.map((reason) => reason.text), impact.interruption]),
      ).toEqual([[id, "update", ["changed by hand: memoryMiB 640 → 600"], "none"]]);
      expect(await bring(larger)).toEqual([`repaired ${id}`]);
      const [all] = await survey(subject.engine, [larger]);
      expect(all && driftOf(larger, all)).toEqual([]);
    });

    test("no value of a secret appears in what is observed or logged", async () => {
      const values = await Promise.all(stacks.tenant.nodes.flatMap((one) => (one.kind === "secret" ? [subject.vault.secret(one.id)] : [])));
      const seen = JSON.stringify([...(await subject.engine.observe(stacks.tenant)).nodes]);
      let text = seen;
      const request = { stack: TENANT, tail: 500, follow: false, signal: AbortSignal.timeout(20_000) };
      for await (const line of subject.engine.logs(request)) text += line.text;
      expect(text.length).toBeGreaterThan(seen.length);
      expect(values.filter((value) => text.includes(value))).toEqual([]);
    });

    test("what nobody declares any more is closed, and what holds data is kept with what it stands on", async () => {
      const gone: Stack = { id: TENANT, role: "environment", nodes: [] };
      await bring(gone);
      const seen = await subject.engine.observe(gone);
      expect([...seen.nodes.keys()].sort()).toEqual(
        ["admin-password", "api-key", "database", "filestore", "role-password"].map((name) => nodeId(TENANT, name)),
      );
    });

    test("removing takes everything of the stack and nothing of anybody else", async () => {
      await subject.foreign.make();
      const gone: Stack = { id: TENANT, role: "environment", nodes: [] };
      await bring(gone, "remove-all");
      expect([...(await subject.engine.observe(gone)).nodes.keys()]).toEqual([]);
      expect(await subject.engine.stacks()).toEqual([PLATFORM, POOL]);
      expect(await subject.foreign.isThere()).toBe(true);
    });

    test("a stopped stack stands still with everything it has, and starts again", async () => {
      await subject.engine.stop(PLATFORM);
      const plan = planStack(stacks.platform, await subject.engine.observe(stacks.platform));
      expect(plan.changes.map((change) => [change.node, change.verb])).toEqual([[nodeId(PLATFORM, "ingress"), "start"]]);
      expect(await bring(stacks.platform)).toEqual([`started ${nodeId(PLATFORM, "ingress")}`]);
    });
  });
}
