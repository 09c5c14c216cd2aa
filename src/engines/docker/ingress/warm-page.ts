import { fetchBounded } from "../../../adapters/http/bounded-fetch.ts";
import { filesOf } from "../../../domain/odoo/page-files.ts";

/** A page of Odoo is some 100 kB, its largest file some megabytes. What is larger, or never ends, is no answer. */
const MOST_BYTES = 16 * 1024 * 1024;
/** The first page of all and each file are compiled when they are asked for. */
const SECONDS = 60;

/**
 * Asks a new Odoo for its first page and for every file that this names, as a browser does: newer series compile a style sheet only when it is asked for,
 * and whoever is cloned afterwards finds all of them made.
 * @returns what was not answered; undefined once all was.
 */
export async function warmPage(origin: string): Promise<string | undefined> {
  const page = await answerOf(`${origin}/web/login`);
  if (page?.status !== 200) return `${page?.status ?? "no answer"} for /web/login`;
  for (const path of filesOf(page.body)) {
    const file = await answerOf(`${origin}${path}`);
    if (file === undefined || file.status >= 400) return `${file?.status ?? "no answer"} for ${path.slice(0, 80)}`;
  }
  return undefined;
}

async function answerOf(url: string): Promise<{ readonly status: number; readonly body: string } | undefined> {
  return await fetchBounded(url, {}, { bytes: MOST_BYTES, seconds: SECONDS }).catch(() => undefined);
}
