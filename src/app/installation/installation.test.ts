import { expect, test } from "vitest";
import { installationOf, readSurroundings } from "./installation.ts";

test("a variable of the environment that is empty says nothing: no secret, key or state is looked for at an empty path", () => {
  const names = ["XDG_STATE_HOME", "XDG_RUNTIME_DIR", "BALLAST_KEY_FILE", "BALLAST_DATABASE_URL", "BALLAST_STATE_HOME"];
  const empty = readSurroundings({ HOME: "/home/anna", ...Object.fromEntries(names.map((name) => [name, ""])) });
  expect(empty).toEqual(readSurroundings({ HOME: "/home/anna" }));
  expect(readSurroundings({ HOME: "" }).home).toBe("/");
  const { keyFile, tokenFile } = installationOf({ ...empty, uid: 1000 }, "hello");
  expect([keyFile, tokenFile]).toEqual([
    "/home/anna/.local/state/ballast/hello/sealing.key",
    "/home/anna/.local/state/ballast/hello/api.token",
  ]);
});
