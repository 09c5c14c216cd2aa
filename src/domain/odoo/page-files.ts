const FILE = /(?:href|src)="(\/web\/(?:assets|content)\/[^"\s]+\.(?:css|js))"/g;

/** The style sheets and programs that a page of Odoo names, each once and in its order. They lie in the filestore, which no other part of the page needs. */
export function filesOf(page: string): readonly string[] {
  return [...new Set([...page.matchAll(FILE)].flatMap(([, path]) => path ?? []))];
}
