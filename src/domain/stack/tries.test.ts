import { expect, test } from "vitest";
import { NO_TRIES, type TryMemory, type TrySight, weighTries } from "./tries.ts";

const HOUR = 3_600_000;
const NOW = 100 * HOUR;

function refusal(target: string, at: number) {
  return { stack: "acme/production", source: "odoo", target, at };
}

function counter(packets: number, key = "br-a machine") {
  return { key, stack: "acme/production", source: "something in it", target: "this machine", packets };
}

function look(memory: TryMemory, sight: Partial<TrySight>, now: number) {
  return weighTries(memory, { refusals: [], counts: [], ...sight }, now);
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

test("a counter tells what it grew by; one that is smaller began anew; one that is gone is forgotten", () => {
  const first = look(NO_TRIES, { counts: [counter(3)] }, NOW);
  const same = look(first.memory, { counts: [counter(3)] }, NOW + 1);
  const anew = look(same.memory, { counts: [counter(2)] }, NOW + 2);
  expect([first, same, anew].map(({ memory }) => memory.tried.map((one) => one.times))).toEqual([[3], [3], [5]]);
  expect(look(anew.memory, {}, NOW + 3).memory.counters).toEqual({});
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

test("what is old is forgotten, and who tries a thousand targets fills nothing", () => {
  const many = Array.from({ length: 1000 }, (_, index) => refusal(`host${index}.example:443`, NOW + index));
  const { memory } = look(NO_TRIES, { refusals: many }, NOW + 1000);
  expect([memory.tried.length, memory.tried[0]?.target]).toEqual([20, "host999.example:443"]);
  expect(look(memory, {}, NOW + 8 * 24 * HOUR).memory.tried).toEqual([]);
});
