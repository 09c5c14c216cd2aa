import { failure } from "../../kernel/problem.ts";
import type { OdooClient, Send } from "./client.ts";
import { askEnveloped, callArguments } from "./envelope.ts";

export interface JsonRpcLogin {
  readonly database: string;
  readonly login: string;
  /** A key stands for the password here, in every series. */
  readonly apiKey: string;
}

/** The JSON-RPC interface of series before 19.0: `/jsonrpc`, closed at the ingress, so only for a process that is spoken to directly. */
export function jsonRpc(send: Send, login: JsonRpcLogin, at: string): OdooClient {
  let signedIn: Promise<number> | undefined;

  async function service(name: "common" | "object", method: string, args: readonly unknown[], what: string): Promise<unknown> {
    return (await askEnveloped(send, { path: "/jsonrpc", params: { service: name, method, args }, what }, at)).result;
  }
  async function signIn(): Promise<number> {
    const uid = await service("common", "authenticate", [login.database, login.login, login.apiKey, {}], "signing in by key");
    if (typeof uid === "number") return uid;
    throw failure("BAL-W007", at, "signing in by key was refused");
  }
  return {
    async call<T>(model: string, method: string, args: Readonly<Record<string, unknown>>) {
      signedIn ??= signIn();
      const { args: positional, kwargs } = callArguments(method, args);
      const asked = [login.database, await signedIn, login.apiKey, model, method, positional, kwargs];
      return (await service("object", "execute_kw", asked, `${model}.${method}`)) as T;
    },
  };
}
