import { expect, test } from "vitest";
import { environmentOf, takeGiveUpLost } from "./give-up-lost.ts";

test("what is lost is given up once: neither the process that starts over nor one that is started later inherits it", () => {
  const env: NodeJS.ProcessEnv = { PATH: "/bin", BALLAST_GIVE_UP_LOST: "1" };
  expect(takeGiveUpLost(env)).toBe(true);
  expect([takeGiveUpLost(env), env]).toEqual([false, { PATH: "/bin" }]);
});

test("who starts a control plane says so now, whatever its own environment says", () => {
  const env = { PATH: "/bin", BALLAST_GIVE_UP_LOST: "1" };
  expect(environmentOf(env, false)).toEqual({ PATH: "/bin" });
  expect(environmentOf({ PATH: "/bin" }, true)).toEqual(env);
});
