import { expect, test } from "vitest";
import { CycleError, lateWaves, waves } from "./order.ts";

test("a wave needs only earlier ones, and keeps the order of the input", () => {
  const needs = new Map([
    ["odoo", ["database", "boundary"]],
    ["database", ["postgres"]],
    ["boundary", []],
    ["postgres", ["boundary", "elsewhere"]],
    ["secret", []],
  ]);
  expect(waves(needs)).toEqual([["boundary", "secret"], ["postgres"], ["database"], ["odoo"]]);
});

test("needing the same thing twice, or oneself, is no obstacle", () => {
  expect(
    waves(
      new Map([
        ["a", ["b", "b", "a"]],
        ["b", []],
      ]),
    ),
  ).toEqual([["b"], ["a"]]);
});

test("a circle is named", () => {
  expect(() =>
    waves(
      new Map([
        ["a", ["b"]],
        ["b", ["a"]],
        ["c", []],
      ]),
    ),
  ).toThrow(new CycleError(["a", "b"]));
});

test("late waves hold back what is needed late, and still put every need first", () => {
  const needs = new Map([
    ["filestore", []],
    ["password", []],
    ["database", ["password"]],
    ["odoo", ["database", "filestore"]],
  ]);
  expect(waves(needs)).toEqual([["filestore", "password"], ["database"], ["odoo"]]);
  expect(lateWaves(needs).map((wave) => wave.toSorted())).toEqual([["password"], ["database", "filestore"], ["odoo"]]);
});
