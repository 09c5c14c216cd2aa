import { randomBytes } from "node:crypto";
import { seal, unseal } from "./seal.ts";

/** Where sealed values are kept; the store's verbs, and a map in tests. */
export interface SealedShelf {
  sealedSecret(address: string, generation: number): Promise<Uint8Array | undefined>;
  keepSealedSecret(secret: { address: string; generation: number; sealed: Uint8Array; at: Date }): Promise<Uint8Array>;
}

export interface SealedValues {
  /** The value at an address, made by `make` the first time. Two who ask at once get the same. */
  obtain(address: string, generation: number, make: () => Promise<string> | string): Promise<string>;
  /** The value at an address, if there is one. */
  peek(address: string, generation: number): Promise<string | undefined>;
}

export function createSealedValues(shelf: SealedShelf, key: Uint8Array): SealedValues {
  return {
    async peek(address, generation) {
      const found = await shelf.sealedSecret(address, generation);
      return found && unseal(key, `${address}#${generation}`, found);
    },
    async obtain(address, generation, make) {
      const place = `${address}#${generation}`;
      const found = await shelf.sealedSecret(address, generation);
      if (found) return unseal(key, place, found);
      const sealed = seal(key, place, await make());
      return unseal(key, place, await shelf.keepSealedSecret({ address, generation, sealed, at: new Date() }));
    },
  };
}

/** Random text from an alphabet without look-alikes, safe in files, URLs and shells. */
export function randomPassword(bytes: number): string {
  return randomBytes(bytes).toString("base64url").replaceAll("-", "x").replaceAll("_", "y");
}
