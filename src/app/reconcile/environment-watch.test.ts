import { expect, test } from "vitest";
import type { PageObservation } from "../../domain/health/page.ts";
import type { Stack } from "../../domain/stack/node.ts";
import { createEnvironmentLook } from "./environment-watch.ts";

const ACME: Stack = { id: "acme/production", role: "environment", nodes: [] };
const BETA: Stack = { id: "beta/production", role: "environment", nodes: [] };

/** A look whose clock and pages are in the hands of the test, and what it wrote into the ledger. */
function watched() {
  const at = { now: 0, outcome: {} as Record<string, PageObservation["outcome"]>, stacks: [ACME, BETA] as Stack[] };
  const written: string[] = [];
  const asked: string[] = [];
  const works = { count: 0 };
  let setting: unknown;
  const make = () =>
    createEnvironmentLook({
      engine: {
        async page(stack) {
          asked.push(stack.id);
          return { at: at.now, outcome: at.outcome[stack.id] ?? "answered", status: 502, milliseconds: 1 };
        },
        undoneWork() {
          works.count += 1;
          return Promise.reject(new Error("the database is away"));
        },
      },
      store: {
        setting: async () => setting as never,
        writeDown: async (entries: readonly { act: string; subject: string; reasons: string[] }[], kept?: { value: unknown }) => {
          written.push(...entries.map(({ act, subject, reasons }) => [act, subject, ...reasons].join(" | ")));
          if (kept !== undefined) setting = kept.value;
        },
      } as never,
      stacks: async () => at.stacks,
      now: () => at.now,
      fault: () => undefined,
    });
  return { at, written, asked, works, make, look: make() };
}

test("a page counts as lost, and as back, once it was seen so twice in a row; each is written down once", async () => {
  const { at, written, look } = watched();
  for (const outcome of ["answered", "failed", "answered", "failed", "failed", "failed", "answered", "answered"] as const) {
    at.outcome["acme/production"] = outcome;
    await look.all();
  }
  expect(written).toEqual([
    "page.lost | acme/production | the page answered 502",
    "page.back | acme/production | a page is answered again",
  ]);
});

test("what is shown was seen within five seconds, else it is asked for; a clock that was put back makes it old", async () => {
  const { at, asked, look } = watched();
  at.now = 60_000;
  for (const later of [0, 4_000, 5_000, 6_000, -1]) {
    at.now = 60_000 + later;
    await look.of(ACME, [ACME]);
  }
  expect(asked).toHaveLength(3);
});

test("looks that nobody asked for open no session in a database", async () => {
  const { works, look } = watched();
  await look.all();
  expect(works.count).toBe(0);
  await look.of(ACME, [ACME]);
  expect(works.count).toBe(1);
});

test("an environment whose database cannot be read keeps its page, and one that is no longer wanted is forgotten", async () => {
  const { at, written, look } = watched();
  at.outcome["beta/production"] = "failed";
  await look.all();
  expect(await look.of(BETA, [BETA])).toMatchObject({ page: { outcome: "failed" } });
  at.stacks = [ACME];
  await look.all();
  at.stacks = [ACME, BETA];
  await look.all();
  expect(written).toEqual([]);
});

test("a page that is back while nobody looked is written down by the next process, and what cannot be seen changes nothing", async () => {
  const { at, written, look, make } = watched();
  for (const outcome of ["failed", "failed", "unasked", "limited", "unasked"] as const) {
    at.outcome["acme/production"] = outcome;
    await look.all();
  }
  at.outcome["acme/production"] = "answered";
  const next = make();
  await next.all();
  await next.all();
  expect(written).toEqual([
    "page.lost | acme/production | the page answered 502",
    "page.back | acme/production | a page is answered again",
  ]);
});
