import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const PROGRAM = `
import { outliveUnhandled } from ${JSON.stringify(join(import.meta.dirname, "unhandled.ts"))};
outliveUnhandled((reason, at) => console.log(at, reason.stack.split("\\n")[0]));
setTimeout(() => console.log("goes on"), 50);
async function forgotten() { throw new TypeError("nobody looks"); }
forgotten();
if (process.argv[1] === "thrown") setTimeout(() => { throw new Error("outside"); }, 10);
`;

function run(...words: string[]) {
  const { status, stdout } = spawnSync(process.execPath, ["--input-type=module-typescript", "--eval", PROGRAM, ...words], {
    encoding: "utf8",
  });
  return { status, lines: stdout.trim().split("\n") };
}

test("a promise that nobody awaited is told with its stack, and the rest goes on", () => {
  expect(run()).toEqual({ status: 0, lines: ["a promise that nobody awaited TypeError: nobody looks", "goes on"] });
});

test("what is thrown outside of any promise ends the process", () => {
  const { status, lines } = run("thrown");
  expect([status === 0, lines]).toEqual([false, ["a promise that nobody awaited TypeError: nobody looks"]]);
});
