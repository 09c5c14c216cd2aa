import { chownSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";

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
  const differing = Object.entries(files).filter(([file, text]) => contentOf(join(data, file)) !== text);
  for (const [file, text] of differing) {
    const making = join(data, `${file}.making`);
    writeFileSync(making, text, { mode: 0o600, flush: true });
    if (owner) chownSync(making, owner.uid, owner.gid);
    renameSync(making, join(data, file));
  }
  return differing.length > 0;
}

function contentOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
