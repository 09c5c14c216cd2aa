import { expect, test } from "vitest";
import { chooseSource, type DataSource } from "./data-source.ts";

const MIB = 1024 * 1024;
const source: DataSource = { kind: "snapshot", of: "acme/production/database", mostBytes: 2048 * MIB };

test("a copy is a snapshot of its source, with its size and its seconds said before", () => {
  expect(chooseSource(source, { bytes: 120 * MIB, freeBytes: 10_000 * MIB })).toEqual({
    kind: "snapshot",
    seconds: 15,
    says: "a snapshot of acme/production/database, 120 MiB, about 15 s",
  });
});

test("what is free need not be known, and is enough at three times the size", () => {
  expect(chooseSource(source, { bytes: 100 * MIB }).kind).toBe("snapshot");
  expect(chooseSource(source, { bytes: 100 * MIB, freeBytes: 300 * MIB }).kind).toBe("snapshot");
});

test("above the limit, or where the disk has no room for it, the template is used and the reason is said", () => {
  expect(chooseSource(source, { bytes: 2049 * MIB }).says).toBe(
    "the template, without the data of acme/production/database: that has 2049 MiB, and above 2048 MiB no copy is made of it",
  );
  expect(chooseSource(source, { bytes: 100 * MIB, freeBytes: 299 * MIB })).toEqual({
    kind: "template",
    says: "the template, without the data of acme/production/database: that has 100 MiB, and the disk has only 299 MiB free",
  });
});
