import { userInfo } from "node:os";
import { join } from "node:path";
import { replaceFileNow } from "../files/replace-file.ts";

/**
 * Lets in, by the socket alone, whoever the kernel says is the user of this process, as `ballast`: there is no password that could leak, age or be lost.
 * Source: PostgreSQL's documentation, "Peer Authentication" and "User Name Maps". Says whether a server that runs already must read it again.
 */
export function admitOwnUser(data: string, owner: { readonly uid: number; readonly gid: number } | undefined): boolean {
  const name = userInfo().username.replaceAll('"', '""');
  const files = {
    "pg_ident.conf": `own "${name}" ballast\n`,
    "pg_hba.conf": "local all ballast peer map=own\n",
  };
  const access = { mode: 0o600, ...(owner === undefined ? {} : { owner }) };
  return Object.entries(files)
    .map(([file, text]) => replaceFileNow(join(data, file), text, access))
    .includes(true);
}
