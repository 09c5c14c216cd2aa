import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { failure } from "../../kernel/problem.ts";
import type { Client } from "./client.ts";
import { follow } from "./follow.ts";

const away = { events: () => Promise.reject(failure("BAL-C008", "http://127.0.0.1", "cannot be reached")) } as unknown as Client;

test("a control plane that is away is told of once, and given up with what starts it again", async () => {
  const told: string[] = [];
  const following = (async () => {
    for await (const one of follow(away, "op-1", new AbortController().signal, 6000)) told.push(one.kind);
  })();
  await expect(following).rejects.toMatchObject({
    problems: [{ code: "BAL-C008", hint: "./ballast up FOLDER starts it, if it has ended; then: ./ballast operations op-1" }],
  });
  expect(told).toEqual(["away"]);
}, 20_000);

test("a token that is refused is tried again for seconds only", async () => {
  let asked = 0;
  const refusing = {
    events: () => Promise.reject((asked++, failure("BAL-A001", "api", "a token is needed"))),
  } as unknown as Client;
  const following = (async () => {
    for await (const one of follow(refusing, "op-1", new AbortController().signal)) expect(one.kind).toBe("away");
  })();
  await expect(following).rejects.toMatchObject({ problems: [{ code: "BAL-A001" }] });
  expect(asked).toBeGreaterThan(3);
}, 30_000);

test("what goes on after a blip says nothing of it", async () => {
  let asked = 0;
  const ended = {
    id: "op-1",
    verb: "apply",
    actor: "anna",
    state: "done",
    stack: null,
    parent: null,
    result: null,
    createdAt: "2026-11-27T10:00:00Z",
    finishedAt: "2026-11-27T10:00:09Z",
  };
  const lines = `event: operation.ended\ndata: ${JSON.stringify(ended)}\n\n`;
  const client = {
    events: async () =>
      ++asked === 1
        ? Promise.reject(failure("BAL-C085", "http://127.0.0.1", "nobody there"))
        : { status: 200, url: "", body: Readable.from([lines]) },
  } as unknown as Client;
  const told: string[] = [];
  for await (const one of follow(client, "op-1", new AbortController().signal)) told.push(one.kind);
  expect([asked, told]).toEqual([2, ["ended"]]);
});
