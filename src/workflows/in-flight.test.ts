import { expect, test } from "vitest";
import { createInFlight } from "./in-flight.ts";

const attempt = (node: string, more: { operation?: string; signal?: AbortSignal } = {}) => ({
  root: "op",
  operation: `op:${node.slice(0, node.lastIndexOf("/"))}`,
  node,
  signal: new AbortController().signal,
  ...more,
});

/** Work that lasts until it is let go, and says when it acts. */
function work(acts: string[], name: string) {
  const gate = Promise.withResolvers<void>();
  const run = async () => {
    acts.push(`${name} begins`);
    await gate.promise;
    acts.push(`${name} ends`);
  };
  return { run, end: () => gate.resolve() };
}

test("a second attempt on a node begins when the first, which was given up, has ended", async () => {
  const acts: string[] = [];
  const [inFlight, first, second] = [createInFlight(), work(acts, "first"), work(acts, "second")];
  const ends = [inFlight.run(attempt("a/production/odoo"), first.run), inFlight.run(attempt("a/production/odoo"), second.run)];
  second.end();
  await Promise.resolve();
  expect(acts).toEqual(["first begins"]);
  first.end();
  await Promise.all(ends);
  expect(acts).toEqual(["first begins", "first ends", "second begins", "second ends"]);
});

test("one whose own time ends while it waits fails without acting, and what waits behind it still begins once", async () => {
  const acts: string[] = [];
  const [inFlight, first, late, third] = [createInFlight(), work(acts, "first"), work(acts, "late"), work(acts, "third")];
  const ended = inFlight.run(attempt("a/production/odoo"), first.run);
  const own = new AbortController();
  const failed = inFlight.run(attempt("a/production/odoo", { signal: own.signal }), late.run);
  own.abort(new Error("too slow"));
  await expect(failed).rejects.toThrow("too slow");
  const last = inFlight.run(attempt("a/production/odoo"), third.run);
  third.end();
  first.end();
  await Promise.all([ended, last]);
  expect(acts).toEqual(["first begins", "first ends", "third begins", "third ends"]);
});

test("nodes of one operation change side by side; another operation on the stack waits, one on another stack does not", async () => {
  const acts: string[] = [];
  const inFlight = createInFlight();
  const all = ["odoo", "redis", "other operation", "other stack"].map((name) => work(acts, name));
  const [odoo, redis, operation, stack] = all as [(typeof all)[0], (typeof all)[0], (typeof all)[0], (typeof all)[0]];
  const ends = [
    inFlight.run(attempt("a/production/odoo"), odoo.run),
    inFlight.run(attempt("a/production/redis"), redis.run),
    inFlight.run(attempt("a/production/route", { operation: "op-next" }), operation.run),
    inFlight.run(attempt("b/production/odoo", { operation: "op-next" }), stack.run),
  ];
  await Promise.resolve();
  expect(acts).toEqual(["odoo begins", "redis begins", "other stack begins"]);
  for (const one of all) one.end();
  await Promise.all(ends);
  expect(acts.slice(-2)).toEqual(["other operation begins", "other operation ends"]);
});

test("a stack is settled when nothing of it is under way, and said not to be where that takes too long", async () => {
  const [inFlight, one] = [createInFlight(), work([], "one")];
  expect(await inFlight.settled("a/production", 0)).toBe(true);
  const ended = inFlight.run(attempt("a/production/odoo"), one.run);
  expect([await inFlight.settled("a/production", 1), await inFlight.settled("b/production", 0), inFlight.others("op-next")]).toEqual([
    false,
    true,
    ["op"],
  ]);
  const settled = inFlight.settled("a/production", 60_000);
  one.end();
  expect(await settled).toBe(true);
  await ended;
  expect(inFlight.others("op-next")).toEqual([]);
});
