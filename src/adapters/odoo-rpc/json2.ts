import { failure } from "../../kernel/problem.ts";
import { JSON_TYPE, type OdooClient, type Send } from "./client.ts";

/** Odoo 19's JSON-2 interface: one path a method, a bearer key, real status codes. */
export function json2(send: Send, apiKey: string, at: string): OdooClient {
  return {
    async call<T>(model: string, method: string, args: Readonly<Record<string, unknown>>) {
      const answer = await send({
        path: `/json/2/${model}/${method}`,
        headers: { authorization: `bearer ${apiKey}`, ...JSON_TYPE },
        body: JSON.stringify(args),
      });
      if (answer.status !== 200) throw failure("BAL-W007", at, `${model}.${method} answered ${answer.status}: ${messageOf(answer.body)}`);
      try {
        return JSON.parse(answer.body) as T;
      } catch (cause) {
        throw failure("BAL-W007", at, `${model}.${method} answered with something that is no JSON`, { cause });
      }
    },
  };
}

/** The one line for people in an error's body; never the traceback that may come with it. */
function messageOf(body: string): string {
  try {
    const parsed = JSON.parse(body) as { message?: string; name?: string };
    return (parsed.message ?? parsed.name ?? "").slice(0, 300);
  } catch {
    return body.replaceAll(/\s+/g, " ").slice(0, 200);
  }
}
