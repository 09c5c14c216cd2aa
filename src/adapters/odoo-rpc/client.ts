/** How a request reaches Odoo: straight to a process, or through the ingress. An empty body is a GET, any other a POST. */
export type Send = (request: { path: string; headers: Record<string, string>; body: string }) => Promise<Sent>;

export interface Sent {
  readonly status: number;
  readonly body: string;
  /** The `Set-Cookie` headers of the answer. */
  readonly cookies: readonly string[];
}

/**
 * Calls of models with named arguments, whatever the protocol: `ids` are the records that a method works on, `context` is the context, `vals_list` the
 * records that `create` makes; everything else goes by its name.
 */
export interface OdooClient {
  call<T>(model: string, method: string, args: Readonly<Record<string, unknown>>): Promise<T>;
}

export const JSON_TYPE = { "content-type": "application/json" } as const;
