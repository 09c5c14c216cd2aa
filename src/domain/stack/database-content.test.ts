import { describe, expect, test } from "vitest";
import { afterReading, contentEdits } from "./database-content.ts";
import type { AnyNode } from "./node.ts";

const declared = (baseUrl: string, generation = 1) =>
  ({ spec: { baseUrl }, uses: [{ to: "acme/production/api-key", as: "credential", generation }] }) as unknown as Pick<
    AnyNode,
    "spec" | "uses"
  >;
const told = declared("https://acme.example");
const same = { told, wanted: told };
const whole = { missing: [], url: "https://acme.example", keyed: true };
const ANOTHER = [{ field: "web.base.url", made: "https://acme.example", found: "https://old.example", repair: "report" }];

describe("the content of a database", () => {
  test("is its own where its address and Ballast's key are in it", () => {
    expect(contentEdits(whole, same)).toEqual([]);
  });

  test("is another one's where its address or the key is not, or a table that every Odoo has", () => {
    expect(contentEdits({ ...whole, url: "https://old.example" }, same)).toEqual(ANOTHER);
    expect(contentEdits({ ...whole, keyed: false }, same)).toEqual([
      { field: "Ballast's own API key", made: "there", found: "gone", repair: "report" },
    ]);
    expect(contentEdits({ missing: ["res_users_apikeys"], url: "https://acme.example" }, same)).toEqual([
      { field: "table res_users_apikeys", made: "there", found: "missing", repair: "report" },
    ]);
  });

  test("may be what is wanted already, since it is written before its label; a key that is about to be rotated is not missed", () => {
    const wanted = declared("https://new.example", 2);
    expect(contentEdits({ missing: [], url: "https://new.example", keyed: false }, { told, wanted })).toEqual([]);
  });

  test("is what it was last read to be, as long as it cannot be read", () => {
    expect(afterReading(ANOTHER as never, undefined)).toEqual(ANOTHER);
    expect(afterReading(ANOTHER as never, [])).toEqual([]);
  });
});
