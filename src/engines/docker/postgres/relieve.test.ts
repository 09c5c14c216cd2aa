import { expect, test } from "vitest";
import type { Ending } from "../../../domain/stack/shared-session.ts";
import { endEach, endedSession, stillAsked } from "./relieve.ts";

function ending(pid: number): Ending {
  return { session: { pid, role: "16400", database: "16401" }, held: "locks", because: "it held locks" } as unknown as Ending;
}

test("each that is ended is told as it happens, whatever becomes of the next one", async () => {
  const told: number[] = [];
  const failed = await endEach([ending(1), ending(2), ending(3)], {
    async end({ session }) {
      if (session.pid === 2) throw new Error("process 2 could not be ended");
      return {};
    },
    ended: ({ session }) => told.push(session.pid),
  });
  expect([told, failed.map(String)]).toEqual([[1, 3], ["Error: process 2 could not be ended"]]);
});

test("who was asked to end and is still there is no news; whoever is gone is forgotten, since a number is given again", () => {
  expect([...stillAsked(new Set([1, 2]), [{ pid: 2 }, { pid: 3 }], [ending(4)])]).toEqual([2, 4]);
});

test("one whose name cannot be read is told by its number, and why its server did not end it", () => {
  expect(endedSession("pool/everyone/postgres", { ...ending(7), instead: "out of shared memory" }, undefined)).toEqual({
    stack: "pool/everyone",
    server: "pool/everyone/postgres",
    pid: 7,
    role: "role 16400",
    database: "database 16401",
    held: "locks",
    because: "it held locks (by a signal from beside: out of shared memory)",
  });
});
