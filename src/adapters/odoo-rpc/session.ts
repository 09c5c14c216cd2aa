import { failure } from "../../kernel/problem.ts";
import type { OdooClient, Send } from "./client.ts";
import { askEnveloped, callArguments } from "./envelope.ts";

export interface PersonLogin {
  readonly database: string;
  readonly login: string;
  readonly password: string;
}

/** Signs in as a person's browser does, in every series, and speaks to models as the web client does. Goes through the ingress. */
export async function signIn(send: Send, person: PersonLogin, at: string): Promise<OdooClient> {
  const { database, login, password } = person;
  const params = { db: database, login, password };
  const { result, sent } = await askEnveloped(send, { path: "/web/session/authenticate", params, what: "signing in" }, at);
  if (typeof (result as { uid?: number | false | null }).uid !== "number") throw failure("BAL-W007", at, "signing in was refused");
  const cookie = sessionCookie(sent.cookies);
  if (cookie === undefined) throw failure("BAL-W007", at, "signing in gave no session");
  return {
    async call<T>(model: string, method: string, args: Readonly<Record<string, unknown>>) {
      const asked = {
        path: "/web/dataset/call_kw",
        params: { model, method, ...callArguments(method, args) },
        cookie,
        what: `${model}.${method}`,
      };
      return (await askEnveloped(send, asked, at)).result as T;
    },
  };
}

function sessionCookie(cookies: readonly string[]): string | undefined {
  return cookies.map((cookie) => /^session_id=[^;]+/.exec(cookie)?.[0]).find((cookie) => cookie !== undefined);
}
