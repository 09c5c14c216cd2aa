import { dirname } from "node:path";
import { replaceFileNow } from "../../adapters/files/replace-file.ts";
import { type Keyring, keepKey } from "../../adapters/vault/sealing-key.ts";
import type { ApiToken } from "../serve/api-token.ts";
import type { KeptFile } from "../serve/kept-files.ts";
import type { Installation } from "./installation.ts";
import { markFile, markInstance } from "./instance-mark.ts";

/** The file that says where the control plane of this process can be reached. */
export function addressFile({ serverFile }: Installation, server: { readonly url: string; readonly version: string }): KeptFile {
  const text = `${JSON.stringify({ pid: process.pid, ...server })}\n`;
  return { path: serverFile, keep: () => replaceFileNow(serverFile, text, { mode: 0o644 }) };
}

interface Known {
  readonly token: ApiToken;
  readonly instance: string;
  readonly keyring: Keyring;
}

/** What a control plane read or made at its start, and answers for while it runs. */
export function ownFiles(installation: Installation, { token, instance, keyring }: Known): readonly KeptFile[] {
  const { keyFile, root, tokenFile } = installation;
  // A key that lies elsewhere may be taken away on purpose once this process has read it.
  const key = dirname(keyFile) === root ? [{ path: keyFile, keep: () => keepKey(keyFile, keyring) }] : [];
  return [
    { path: tokenFile, keep: () => token.keep() },
    { path: markFile(installation), keep: () => markInstance(installation, instance) },
    ...key,
  ];
}
