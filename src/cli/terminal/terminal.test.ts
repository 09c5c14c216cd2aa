import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { FleetStatus } from "../../api/contract/contract.ts";
import type { Stream } from "../port.ts";
import { renderOperation } from "../render/operation.ts";
import { renderPlan } from "../render/plan.ts";
import { renderProblems } from "../render/problems.ts";
import { renderStatus } from "../render/status.ts";
import { renderWhy } from "../render/why.ts";
import { coloursFor, padded, visibleLength } from "./style.ts";
import { table } from "./table.ts";
import { oneLine, print, printJson, terminalCode, terminalText } from "./terminal.ts";

const colours = coloursFor({ CLICOLOR_FORCE: "1" }, process.stdout, false);
const none = coloursFor({}, process.stdout, true);

const hostile = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      fc.constantFrom(
        "\u001b[2J",
        "\u001b]0;x\u0007",
        "\u001b[31m",
        "\u009b31m",
        "\u202e",
        "\u200b",
        "\r",
        "\n",
        "\t",
        "\u2028",
        "ok",
        "\u{e0041}",
      ),
    ),
    { maxLength: 30 },
  )
  .map((pieces) => pieces.join(""));

/** Everything that a terminal would obey, but line ends and tabs; the codes of this process are taken out where they are expected. */
function obeyed(text: string): readonly string[] {
  return text.match(/[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu) ?? [];
}

test("a code that this process means is sent, the same code in a text from elsewhere is shown", () => {
  const text = `${colours.red("no")} \u001b[31mfake\u001b[39m`;
  expect(terminalText(text)).toBe("\u001b[31mno\u001b[39m \\x1b[31mfake\\x1b[39m");
  expect(terminalText(`${terminalCode("2A")}x`)).toBe("\u001b[2Ax");
  expect(terminalText(colours.bold(`a${colours.dim("b")}`))).toBe("\u001b[1ma\u001b[2mb\u001b[22m\u001b[22m");
  expect([visibleLength(colours.red("four")), padded(colours.red("ab"), 4)]).toEqual([4, `${colours.red("ab")}  `]);
  expect(none.red("x")).toBe("x");
});

test("text leaves the command line by one way only", () => {
  const root = join(import.meta.dirname, "..");
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const writers = files.filter((file) => /std(out|err)[.]write|console[.]|process[.]std/.test(readFileSync(join(root, file), "utf8")));
  expect(writers.filter((file) => !file.endsWith(".test.ts"))).toEqual(["start.ts"]);
  expect(files.length).toBeGreaterThan(80);
});

test("whatever is printed, a terminal obeys none of it", () => {
  const sent: string[] = [];
  const stream = new PassThrough().setEncoding("utf8").on("data", (text: string) => sent.push(text)) as unknown as Stream;
  fc.assert(
    fc.property(hostile, (text) => {
      expect(obeyed(terminalText(text))).toEqual([]);
      expect(obeyed(oneLine(text)).length + (/[\n\t]/.test(oneLine(text)) ? 1 : 0)).toBe(0);
      print(stream, text);
      printJson(stream, { text, [text]: [text] });
    }),
  );
  expect(sent.flatMap(obeyed)).toEqual([]);
});

test("no text from elsewhere adds a line of its own to a table, a plan, a status, a list of problems or a reason", () => {
  const lines = (text: string) => text.split("\n").length;
  fc.assert(
    fc.property(hostile, (text) => {
      expect(
        lines(
          table(
            [
              ["a", text],
              [text, "b"],
            ],
            true,
          ),
        ),
      ).toBe(2);
      const problem = { code: "BAL-E007", severity: "error", at: text, message: `m ${text.replaceAll("\n", "")}`, hint: text } as const;
      expect(lines(renderProblems([problem], none))).toBe(2);
      const unknown = [{ ...problem, message: text }];
      const stacks = [{ stack: text, role: "environment" as const, changes: [], unknown }];
      expect(lines(renderPlan({ fleet: "f", revision: "r", stacks, notes: [text], findings: [] }, none))).toBe(5);
      const tried = [{ source: text, target: text, times: 1, lastAt: "2026-11-22T12:00:00Z" }];
      const stack = { stack: text, state: "down" as const, because: [text], nodes: [], drift: [], tried, url: text };
      const status: FleetStatus = { fleet: "f", asOf: "a", stacks: [stack], notes: [text] };
      expect(lines(renderStatus(status, { colours: none, aligned: true, asOf: "a", detailed: false }))).toBe(4);
      const why = {
        subject: "s",
        about: "state",
        says: text,
        because: [{ text, rule: text, at: text }],
        repair: [text],
        next: [text],
      } as const;
      expect(lines(renderWhy(why, { colours: none, aligned: true }))).toBe(4);
      const at = "2026-11-22T12:00:00Z";
      const operation = {
        id: "op",
        verb: text,
        stack: text,
        parent: null,
        state: "done",
        actor: text,
        result: null,
        createdAt: at,
        finishedAt: at,
      } as const;
      const events = [{ seq: 1, operation: "op", at, kind: "step", subject: text, text }];
      expect(lines(renderOperation({ operation, parts: [operation], events }, { zone: "UTC", aligned: true, now: 0 }))).toBe(3);
    }),
    { numRuns: 300 },
  );
});
