import fc from "fast-check";
import { expect, test } from "vitest";
import { type AttemptObservation, NO_TRIES, type TryMemory, weighTries } from "./tries.ts";

const HOUR = 3_600_000;
const NOW = 100 * HOUR;

function refusal(target: string, at: number) {
  return { stack: "acme/production", source: "odoo", target, at };
}

function counter(packets: number, key = "br-a machine") {
  return { key, stack: "acme/production", source: "something in it", target: "this machine", packets };
}

function look(memory: TryMemory, observation: Partial<AttemptObservation>, now: number) {
  return weighTries(memory, { refusals: [], counts: [], ...observation }, now);
}

test("the ledger is told once an environment, target and hour; the count goes on", () => {
  const first = look(NO_TRIES, { refusals: [refusal("x.example:443", NOW), refusal("x.example:443", NOW + 5)] }, NOW + 10);
  expect(first.tell).toEqual([{ stack: "acme/production", source: "odoo", target: "x.example:443", times: 2, lastAt: NOW + 5 }]);
  const second = look(first.memory, { refusals: [refusal("x.example:443", NOW + 20)] }, NOW + 30);
  expect([second.tell, second.memory.tried.map((one) => one.times), second.memory.since]).toEqual([[], [3], NOW + 20]);
  const third = look(second.memory, { refusals: [refusal("x.example:443", NOW + HOUR)] }, NOW + HOUR);
  expect(third.tell.map((one) => one.times)).toEqual([1]);
});

test("two who try one target in an hour are one line, and both are kept", () => {
  const both = [refusal("x.example:443", NOW), { ...refusal("x.example:443", NOW), source: "odoo-cron" }];
  const { tell, memory } = look(NO_TRIES, { refusals: both }, NOW);
  expect([tell.length, memory.tried.map((one) => one.source).sort()]).toEqual([1, ["odoo", "odoo-cron"]]);
});

test("a counter tells what it grew by; one that is smaller started over; one that is gone is forgotten", () => {
  const first = look(NO_TRIES, { counts: [counter(3)] }, NOW);
  const same = look(first.memory, { counts: [counter(3)] }, NOW + 1);
  const again = look(same.memory, { counts: [counter(2)] }, NOW + 2);
  expect([first, same, again].map(({ memory }) => memory.tried.map((one) => one.times))).toEqual([[3], [3], [5]]);
  expect(look(again.memory, {}, NOW + 3).memory.counters).toEqual({});
});

test("what a counter grew by while its container left or joined a network is nobody's try", () => {
  const seen = (packets: number, under: string) => ({ counts: [{ ...counter(packets, "odoo"), under }] });
  const first = look(NO_TRIES, seen(1, "a b"), NOW);
  const cut = look(first.memory, seen(40, "b"), NOW + 1);
  const back = look(cut.memory, seen(60, "b c"), NOW + 2);
  const tries = look(back.memory, seen(62, "b c"), NOW + 3);
  expect([first, cut, back, tries].map(({ memory }) => memory.tried.map((one) => one.times))).toEqual([[1], [1], [1], [3]]);
});

test("a look at rest changes nothing", () => {
  const first = look(NO_TRIES, { refusals: [refusal("x.example:443", NOW)], counts: [counter(1)] }, NOW);
  expect(look(first.memory, { counts: [counter(1)] }, NOW + 1)).toEqual({ memory: first.memory, tell: [] });
});

test("what is old is forgotten, and who tries a thousand targets fills nothing: the rest is counted", () => {
  const many = Array.from({ length: 1000 }, (_, index) => refusal(`host${index}.example:443`, NOW + index));
  const { memory, tell } = look(NO_TRIES, { refusals: many }, NOW + 1000);
  const further = { stack: "acme/production", source: "odoo", target: "further targets", times: 980, lastAt: NOW + 979 };
  expect([memory.tried.length, memory.tried[0]?.target, memory.tried.at(-1)]).toEqual([21, "host999.example:443", further]);
  expect([tell.length, tell.at(-1)]).toEqual([21, further]);
  expect(look(memory, {}, NOW + 8 * 24 * HOUR).memory.tried).toEqual([]);
});

test("what is tried most is named, and what several try is nobody's alone", () => {
  const rare = Array.from({ length: 30 }, (_, index) => ({
    ...refusal(`rare${index}.example:443`, NOW + 100),
    source: `odoo-${index % 2}`,
  }));
  const often = Array.from({ length: 5 }, () => refusal("often.example:443", NOW));
  const { tell } = look(NO_TRIES, { refusals: [...rare, ...often] }, NOW + 200);
  expect([tell[0]?.target, tell[0]?.times, tell.at(-1)?.source, tell.at(-1)?.times]).toEqual(["often.example:443", 5, "several", 11]);
});

test("however many targets are tried, look after look, what is kept and what the ledger is told stays bounded, and every try is counted", () => {
  const targets = fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 2000 });
  fc.assert(
    fc.property(fc.array(targets, { minLength: 1, maxLength: 8 }), (looks) => {
      let memory: TryMemory = NO_TRIES;
      let told = 0;
      for (const [round, hosts] of looks.entries()) {
        const at = NOW + round * 1000;
        const refusals = hosts.flatMap((host) =>
          ["acme/production", "globex/production"].map((stack) => ({ ...refusal(`${host}.${round}.example:443`, at), stack })),
        );
        const weighed = look(memory, { refusals }, at);
        memory = weighed.memory;
        told += weighed.tell.length;
      }
      expect(told).toBeLessThanOrEqual(2 * 21);
      expect([memory.tried.length <= 2 * 21, Object.keys(memory.told).length <= 2 * 21]).toEqual([true, true]);
      expect(JSON.stringify(memory).length).toBeLessThan(20_000);
      expect(memory.tried.reduce((sum, one) => sum + one.times, 0)).toBe(2 * looks.flat().length);
    }),
    { numRuns: 50 },
  );
});

test("a hundred thousand refusals in one look are weighed, and one that claims to be of the future hides none that follows", () => {
  const many = Array.from({ length: 100_000 }, (_, index) => ({
    ...refusal(`h${index % 5000}.example:443`, NOW),
    stack: `t${index % 50}/production`,
  }));
  expect(look(NO_TRIES, { refusals: many }, NOW).tell.length).toBe(50 * 21);
  const { memory } = look(NO_TRIES, { refusals: [refusal("x.example:443", NOW + 1000 * HOUR)] }, NOW + 10);
  expect([memory.since, memory.tried[0]?.lastAt]).toEqual([NOW + 10, NOW + 10]);
});
