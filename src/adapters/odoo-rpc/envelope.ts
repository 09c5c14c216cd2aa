import { failure } from "../../kernel/problem.ts";
import { JSON_TYPE, type Send, type Sent } from "./client.ts";

interface Envelope {
  readonly result?: unknown;
  readonly error?: { readonly message?: string; readonly data?: { readonly message?: string } };
}

export interface Asked {
  readonly path: string;
  readonly params: unknown;
  readonly cookie?: string;
  /** What is asked for, for the message of a refusal. */
  readonly what: string;
}

/** One question in Odoo's JSON-RPC envelope. It answers 200 to failures too, so the body decides; the traceback that may lie in it is never told. */
export async function askEnveloped(send: Send, asked: Asked, at: string): Promise<{ readonly result: unknown; readonly sent: Sent }> {
  const sent = await send({
    path: asked.path,
    headers: { ...JSON_TYPE, ...(asked.cookie === undefined ? {} : { cookie: asked.cookie }) },
    body: JSON.stringify({ jsonrpc: "2.0", method: "call", params: asked.params }),
  });
  const envelope = parse(sent);
  if (envelope === undefined) throw failure("BAL-W007", at, `${asked.what} answered ${sent.status} without an answer of Odoo's form`);
  if (envelope.error !== undefined) {
    const { data, message } = envelope.error;
    throw failure("BAL-W007", at, `${asked.what} was refused: ${(data?.message ?? message ?? "").slice(0, 300)}`);
  }
  return { result: envelope.result, sent };
}

function parse(sent: Sent): Envelope | undefined {
  try {
    return sent.status === 200 ? (JSON.parse(sent.body) as Envelope) : undefined;
  } catch {
    return undefined;
  }
}

/** Odoo's positional and named arguments of a call: records come first, and `create` tells by its first argument whether it makes one or many. */
export function callArguments(
  method: string,
  args: Readonly<Record<string, unknown>>,
): { readonly args: readonly unknown[]; readonly kwargs: Readonly<Record<string, unknown>> } {
  const { ids, vals_list: values, ...named } = args;
  if (method === "create") return { args: [values], kwargs: named };
  return { args: ids === undefined ? [] : [ids], kwargs: values === undefined ? named : { ...named, vals_list: values } };
}
