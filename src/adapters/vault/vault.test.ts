import fc from "fast-check";
import { expect, test } from "vitest";
import { ProblemError } from "../../kernel/problem.ts";
import { seal, unseal } from "./seal.ts";
import { createSealedValues, randomPassword, type SealedImageStore } from "./vault.ts";

const KEY = new Uint8Array(32).fill(7);

test("what is sealed opens with the same key and address, and with no other", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (address, text) => {
      const sealed = seal(KEY, address, text);
      expect(unseal(KEY, address, sealed)).toBe(text);
      expect(() => unseal(KEY, `${address}x`, sealed)).toThrow(ProblemError);
      expect(() => unseal(new Uint8Array(32).fill(8), address, sealed)).toThrow(ProblemError);
    }),
  );
});

test("a sealed value that was cut anywhere is refused, also where what is left of its tag would fit", () => {
  const sealed = seal(KEY, "a", "secret");
  for (let length = 0; length < sealed.length; length++) expect(() => unseal(KEY, "a", sealed.subarray(0, length))).toThrow(ProblemError);
});

test("an empty secret is neither kept nor handed out", async () => {
  const kept = new Map([["old#1", seal(KEY, "old#1", " \n")]]);
  const imageStore: SealedImageStore = {
    sealedSecret: async (address, generation) => kept.get(`${address}#${generation}`),
    keepSealedSecret: async ({ address, generation, sealed }) => {
      kept.set(`${address}#${generation}`, Buffer.from(sealed));
      return sealed;
    },
  };
  const values = createSealedValues(imageStore, { current: KEY });
  for (const work of [values.peek("old", 1), values.obtain("old", 1, () => "new"), values.obtain("x/api-key", 1, () => "")])
    await expect(work).rejects.toThrow("BAL-S032");
  expect([...kept.keys()]).toEqual(["old#1"]);
});

test("a flipped bit anywhere is refused", () => {
  const sealed = seal(KEY, "a", "secret");
  for (let index = 0; index < sealed.length; index++) {
    const damaged = Uint8Array.from(sealed);
    damaged[index] = (damaged[index] as number) ^ 1;
    expect(() => unseal(KEY, "a", damaged)).toThrow(ProblemError);
  }
});

test("two who ask at once for a new secret get the same one", async () => {
  const kept = new Map<string, Uint8Array>();
  const imageStore: SealedImageStore = {
    sealedSecret: async (address, generation) => kept.get(`${address}#${generation}`),
    keepSealedSecret: async ({ address, generation, sealed }) => {
      const key = `${address}#${generation}`;
      if (!kept.has(key)) kept.set(key, sealed);
      return kept.get(key) as Uint8Array;
    },
  };
  const values = createSealedValues(imageStore, { current: KEY });
  const [a, b] = await Promise.all([1, 2].map(() => values.obtain("x/role-password", 1, () => randomPassword(24))));
  expect(a).toBe(b);
  expect(await values.obtain("x/role-password", 2, () => "next")).toBe("next");
  expect([...kept.values()].some((sealed) => Buffer.from(sealed).includes("next"))).toBe(false);
});
