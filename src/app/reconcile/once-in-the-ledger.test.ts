import { expect, test } from "vitest";
import type { AnyNode, Stack } from "../../domain/stack/node.ts";
import type { Observation } from "../../domain/stack/observation.ts";
import { adopt } from "../operations/adoption.ts";
import { giveUp } from "../operations/recreation.ts";

const VOLUME = "a/production/filestore";
const RECORD = {
  node: VOLUME,
  since: "2026-01-01",
  declared: { id: VOLUME, kind: "volume", spec: {}, uses: [], from: [] },
  identity: "one",
};
const STACK: Stack = { id: "a/production", role: "environment", nodes: [] };
const CHOICE = { actor: "anna", operation: "op-1", stacks: [STACK.id] };

/** What a step that is killed between its line in the ledger and what it remembers leaves behind, and how it is done again. */
function killedOnce(observation: object) {
  const written: string[] = [];
  let kills = 1;
  const parts = {
    engine: { observe: async (): Promise<Observation> => ({ stack: STACK.id, at: 0, nodes: new Map([[VOLUME, observation as never]]) }) },
    memory: {
      records: () => new Map([[VOLUME, RECORD]]),
      async change() {
        if (kills-- > 0) throw new Error("killed");
      },
    },
    store: {
      appendLedger: async ({
        act,
        subject,
        evidence: { operation, once },
      }: {
        act: string;
        subject: string;
        evidence: Record<string, string>;
      }) => void written.push(`${act} ${subject} ${operation} ${once}`),
    },
    vault: {},
    now: () => 0,
  };
  return { written, parts: parts as never };
}

const revision = { stacks: new Map([[STACK.id, STACK]]), find: (): AnyNode | undefined => undefined };
const twice = async (work: () => Promise<void>) => {
  await expect(work()).rejects.toThrow("killed");
  await work();
};

test("what is given up is written by its operation and a name within it, so that a step that is done again writes it once", async () => {
  const { written, parts } = killedOnce({ state: "lost", because: "is gone", declared: RECORD.declared, record: RECORD });
  await twice(() => giveUp(parts, revision, CHOICE));
  expect(written).toEqual(Array(2).fill("data.given-up a/production op-1 give up"));
});

test("and so is what is adopted", async () => {
  const instead = { says: "another volume", adoptable: true, identity: "two", removal: "docker volume rm x" };
  const { written, parts } = killedOnce({ state: "lost", because: "is another", declared: RECORD.declared, record: RECORD, instead });
  await twice(() => adopt(parts, revision, CHOICE));
  expect(written).toEqual(Array(2).fill("data.adopted a/production op-1 adopt"));
});
