import { issueCertificate, type KeyPair, makeAuthority } from "../../adapters/authority/authority.ts";
import { randomPassword, type SealedValues } from "../../adapters/vault/vault.ts";
import type { AnyNode, NodeId } from "../../domain/stack/node.ts";
import type { Vault } from "../../engines/engine.ts";
import { hashOf } from "../../kernel/canonical.ts";
import { failure } from "../../kernel/problem.ts";

/** Clocks of machines differ a little: a certificate is valid from an hour ago. */
const SKEW_MS = 3_600_000;

export interface VaultOptions {
  readonly sealed: Pick<SealedValues, "obtain" | "peek">;
  readonly fleet: string;
  readonly find: (id: NodeId) => Promise<AnyNode | undefined>;
  /** The node whose value this one keeps, where its tenant had another name. */
  readonly formerly?: (id: NodeId) => Promise<NodeId | undefined>;
  readonly now: () => number;
}

/** Makes what is secret from what is declared, seals it, and hands it out for the moment in which an engine writes it down. */
export function createVault(options: VaultOptions): Vault {
  async function nodeOf<K extends AnyNode["kind"]>(id: NodeId, kind: K): Promise<Extract<AnyNode, { kind: K }> | undefined> {
    const node = await options.find(id);
    return node?.kind === kind ? (node as Extract<AnyNode, { kind: K }>) : undefined;
  }
  async function authority(id: NodeId): Promise<KeyPair> {
    const node = await nodeOf(id, "authority");
    if (node === undefined) throw failure("BAL-E003", id, "is not an authority of this fleet");
    const { domain, validDays, generation = 1 } = node.spec;
    const text = await options.sealed.obtain(`${id}@${domain}`, generation, async () =>
      JSON.stringify(
        await makeAuthority({ name: `Ballast ${options.fleet}`, domain, notBefore: new Date(options.now() - SKEW_MS), validDays }),
      ),
    );
    return JSON.parse(text) as KeyPair;
  }
  return {
    async secret(id) {
      const node = await nodeOf(id, "secret");
      if (node === undefined) throw failure("BAL-E003", id, "is not a secret of this fleet");
      const { bytes, generation } = node.spec;
      // A renamed tenant keeps its passwords and keys: they are in its database, and in people's heads.
      const former = await options.formerly?.(id);
      return await options.sealed.obtain(id, generation, async () => {
        const kept = former === undefined ? undefined : await options.sealed.peek(former, generation);
        return kept ?? randomPassword(bytes);
      });
    },
    async certificate(id) {
      const node = await nodeOf(id, "certificate");
      if (node === undefined) return await authority(id);
      const signer = node.uses.find((edge) => edge.as === "trust");
      if (signer === undefined) throw failure("BAL-E003", id, "names no authority");
      const { names, validDays, generation } = node.spec;
      // Another authority signs another certificate, also for the same names.
      const signedBy = signer.generation === undefined ? "" : `@${signer.generation}`;
      const text = await options.sealed.obtain(`${id}@${hashOf(names).slice(0, 16)}${signedBy}`, generation, async () => {
        const root = await authority(signer.to);
        return JSON.stringify(await issueCertificate(root, { names, notBefore: new Date(options.now() - SKEW_MS), validDays }));
      });
      return JSON.parse(text) as KeyPair;
    },
  };
}
