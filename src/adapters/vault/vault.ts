import { randomBytes } from "node:crypto";
import { failure } from "../../kernel/problem.ts";
import { seal, unseal } from "./seal.ts";
import { type Keyring, rotateKey, type SealedStore } from "./sealing-key.ts";

/** Where sealed values are kept; the store's verbs, and a map in tests. */
export interface SealedImageStore {
  sealedSecret(address: string, generation: number): Promise<Uint8Array | undefined>;
  keepSealedSecret(secret: { address: string; generation: number; sealed: Uint8Array; at: Date }): Promise<Uint8Array>;
}

export interface SealedValues {
  /** The value at an address, made by `make` the first time. Two who ask at once get the same. */
  obtain(address: string, generation: number, make: () => Promise<string> | string): Promise<string>;
  /** The value at an address, if there is one. */
  peek(address: string, generation: number): Promise<string | undefined>;
  /** Reseals everything with another key, which takes the place of the one in this file. */
  rotateKey(file: string, store: SealedStore): Promise<void>;
}

export function createSealedValues(imageStore: SealedImageStore, keyring: Keyring): SealedValues {
  let turn: Promise<unknown> = Promise.resolve();
  /** What is sealed while everything is resealed would be sealed with the old key. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  }
  function open(address: string, generation: number): Promise<string | undefined> {
    return inTurn(async () => {
      const found = await imageStore.sealedSecret(address, generation);
      return found && whole(address, unseal(keyring.current, `${address}#${generation}`, found));
    });
  }
  return {
    peek: open,
    async obtain(address, generation, make) {
      const found = await open(address, generation);
      if (found !== undefined) return found;
      const text = whole(address, await make());
      const place = `${address}#${generation}`;
      return await inTurn(async () => {
        const sealed = seal(keyring.current, place, text);
        return whole(
          address,
          unseal(keyring.current, place, await imageStore.keepSealedSecret({ address, generation, sealed, at: new Date() })),
        );
      });
    },
    rotateKey: (file, store) => inTurn(() => rotateKey(file, store, keyring)),
  };
}

/** An empty secret opens what it should close; it is never kept, and never handed out. */
function whole(address: string, text: string): string {
  if (text.trim() !== "") return text;
  throw failure("BAL-S032", address, "the secret is empty", {
    hint: `have it recreated: ballast rotate FOLDER --only ${address.split("/").at(-1)}`,
  });
}

/** Random text from an alphabet without look-alikes, safe in files, URLs and shells. */
export function randomPassword(bytes: number): string {
  return randomBytes(bytes).toString("base64url").replaceAll("-", "x").replaceAll("_", "y");
}
