import { expect, test } from "vitest";
import { ProblemError } from "../../kernel/problem.ts";
import type { Send, Sent } from "./client.ts";
import { callArguments } from "./envelope.ts";
import { jsonRpc } from "./json-rpc.ts";
import { json2 } from "./json2.ts";
import { signIn } from "./session.ts";

interface Heard {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

/** The far end of the wire: gives the answers in turn, and remembers what it was asked. */
function wire(...answers: readonly Partial<Sent>[]): { readonly send: Send; readonly heard: Heard[] } {
  const heard: Heard[] = [];
  const send: Send = async ({ path, headers, body }) => {
    heard.push({ path, headers, body: JSON.parse(body) });
    return { status: 200, body: "{}", cookies: [], ...answers[heard.length - 1] };
  };
  return { send, heard };
}

async function messageOf(act: Promise<unknown>): Promise<string> {
  const thrown = await act.then(
    () => undefined,
    (error: unknown) => error,
  );
  return thrown instanceof ProblemError
    ? thrown.problems.map((problem) => `${problem.code} ${problem.message}`).join("\n")
    : String(thrown);
}

const LOGIN = { database: "acme_production", login: "admin", apiKey: "k3y" };
const PERSON = { database: "acme_production", login: "admin", password: "pw" };
const result = (value: unknown): Partial<Sent> => ({ body: JSON.stringify({ jsonrpc: "2.0", result: value }) });

test("named arguments become records first, the values of `create` before all, and names after them", () => {
  expect(callArguments("write", { ids: [7], vals: { qty_done: 3 } })).toEqual({ args: [[7]], kwargs: { vals: { qty_done: 3 } } });
  expect(callArguments("search_read", { domain: [], limit: 1 })).toEqual({ args: [], kwargs: { domain: [], limit: 1 } });
  expect(callArguments("create", { vals_list: [{ name: "a" }], context: { inventory_mode: true } })).toEqual({
    args: [[{ name: "a" }]],
    kwargs: { context: { inventory_mode: true } },
  });
});

test("JSON-RPC signs in by its key once, then calls with it", async () => {
  const { send, heard } = wire(result(2), result([1]), result(true));
  const odoo = jsonRpc(send, LOGIN, "acme/production");
  expect(await odoo.call("res.partner", "create", { vals_list: [{ name: "a" }] })).toEqual([1]);
  expect(await odoo.call("sale.order", "action_confirm", { ids: [5] })).toBe(true);
  expect(heard.map(({ path, body }) => [path, (body as { params: unknown }).params])).toEqual([
    ["/jsonrpc", { service: "common", method: "authenticate", args: ["acme_production", "admin", "k3y", {}] }],
    [
      "/jsonrpc",
      { service: "object", method: "execute_kw", args: ["acme_production", 2, "k3y", "res.partner", "create", [[{ name: "a" }]], {}] },
    ],
    [
      "/jsonrpc",
      { service: "object", method: "execute_kw", args: ["acme_production", 2, "k3y", "sale.order", "action_confirm", [[5]], {}] },
    ],
  ]);
});

test("a key that is refused is told as such, whether Odoo says false or an error", async () => {
  expect(await messageOf(jsonRpc(wire(result(false)).send, LOGIN, "x").call("m", "read", {}))).toBe(
    "BAL-W007 signing in by key was refused",
  );
  const error = { message: "Odoo Server Error", data: { message: "Access Denied", debug: "Traceback (most recent call last)" } };
  const refused = wire({ body: JSON.stringify({ error }) });
  expect(await messageOf(jsonRpc(refused.send, LOGIN, "x").call("m", "read", {}))).toBe(
    "BAL-W007 signing in by key was refused: Access Denied",
  );
});

test("a person's session goes on with the cookie that signing in gave", async () => {
  const cookies = ["frontend_lang=en_US; Path=/", "session_id=abc123; Path=/; HttpOnly"];
  const { send, heard } = wire({ ...result({ uid: 2 }), cookies }, result([{ name: "Acme" }]));
  const odoo = await signIn(send, PERSON, "acme/production");
  expect(await odoo.call("res.company", "search_read", { domain: [], fields: ["name"] })).toEqual([{ name: "Acme" }]);
  expect(heard.map(({ path, headers }) => [path, headers["cookie"]])).toEqual([
    ["/web/session/authenticate", undefined],
    ["/web/dataset/call_kw", "session_id=abc123"],
  ]);
  expect(heard[1]?.body).toMatchObject({
    params: { model: "res.company", method: "search_read", args: [], kwargs: { domain: [], fields: ["name"] } },
  });
});

test("signing in that gives nobody, no session or no answer of Odoo's form is refused", async () => {
  expect(await messageOf(signIn(wire(result({ uid: null })).send, PERSON, "x"))).toBe("BAL-W007 signing in was refused");
  expect(await messageOf(signIn(wire(result({ uid: 2 })).send, PERSON, "x"))).toBe("BAL-W007 signing in gave no session");
  expect(await messageOf(signIn(wire({ status: 502, body: "Bad Gateway" }).send, PERSON, "x"))).toBe(
    "BAL-W007 signing in answered 502 without an answer of Odoo's form",
  );
});

test("JSON-2 sends its key as a bearer, and tells one line of a refusal", async () => {
  const { send, heard } = wire({ body: "[1]" }, { status: 404, body: JSON.stringify({ message: "no such model", debug: "Traceback" }) });
  const odoo = json2(send, "k3y", "x");
  expect(await odoo.call("res.partner", "create", { vals_list: [{}] })).toEqual([1]);
  expect([heard[0]?.path, heard[0]?.headers["authorization"]]).toEqual(["/json/2/res.partner/create", "bearer k3y"]);
  expect(await messageOf(odoo.call("no.model", "read", {}))).toBe("BAL-W007 no.model.read answered 404: no such model");
});
