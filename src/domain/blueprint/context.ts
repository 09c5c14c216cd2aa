/** What the fleet does not say and a compilation must know. Gathered outside, handed in whole. */
export interface CompileContext {
  /** Image references by recipe: `odoo-19` → `ballast/odoo-19:1f2e…`. */
  readonly images: Readonly<Record<string, string>>;
  /** Where the ingress listens: declared, or chosen once and kept. */
  readonly ingress: { readonly address: string; readonly port: number };
}

/** The recipe that serves a series. */
export function odooRecipe(series: string): string {
  return `odoo-${series.split(".")[0]}`;
}
