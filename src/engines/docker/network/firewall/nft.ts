import { type Answer, runProgram } from "./program.ts";
import { type Listing, readListing } from "./table.ts";

type Told = { readonly ok: true; readonly listing: Listing | undefined } | { readonly ok: false; readonly because: string };

/** What the kernel holds of a table; `undefined` where there is none. */
export async function listTable(name: string): Promise<Told> {
  const answer = await runProgram("nft", ["--terse", "list", "table", "inet", name]);
  if (answer.ok) return { ok: true, listing: readListing(answer.text) };
  return answer.because.includes("No such file or directory") ? { ok: true, listing: undefined } : answer;
}

/** Makes changes in one transaction: all of them or none. */
export function transact(text: string): Promise<Answer> {
  return runProgram("nft", ["--file", "-"], text);
}

/**
 * What nft tells of a table once the kernel has it. Asked of nft itself, in an empty network that ends with the question: each version writes the same
 * rule in other words, and a whole comparison must not depend on them.
 */
export async function listingOf(name: string, definition: string): Promise<Told> {
  const script = `nft --file - && nft --terse list table inet ${name}`;
  const answer = await runProgram("unshare", ["--net", "sh", "-c", script], definition);
  return answer.ok ? { ok: true, listing: readListing(answer.text) } : answer;
}
