import { readFile } from "node:fs/promises";
import { requestThrough } from "../adapters/http/through.ts";
import { json2, type Send } from "../adapters/odoo-rpc/json2.ts";
import { walkOrderToDelivery } from "../adapters/odoo-rpc/order-to-delivery.ts";
import { type AnyNode, nodeId, type Stack } from "../domain/stack/node.ts";
import type { Engine, Vault } from "../engines/engine.ts";
import { failure } from "../kernel/problem.ts";
import type { JourneyRunner, JourneyStep } from "../workflows/services.ts";

export interface JourneyOptions {
  readonly engine: Engine;
  /** Opens secrets of any stack, twins included. */
  readonly vault: Pick<Vault, "secret">;
  readonly find: (id: string) => Promise<AnyNode | undefined>;
  readonly authorityFile: string;
  readonly now: () => number;
}

const CALL_SECONDS = 30;

export function createJourneys(options: JourneyOptions): JourneyRunner {
  return {
    async full(twin, signal) {
      const steps = stepsFrom(options);
      const odoo = await options.engine.endpoint(nodeId(twin.id, "odoo"));
      if (odoo === undefined) throw failure("BAL-W007", twin.id, "its Odoo does not run");
      const send = direct(`http://${odoo.host}:${odoo.port}`, signal);
      await signIn(options, twin, send, steps.walked);
      const key = await options.vault.secret(nodeId(twin.id, "api-key"));
      const client = json2(send, key, twin.id);
      const models = await client.call<number>("ir.model", "search_count", { domain: [["model", "in", ["sale.order", "stock.picking"]]] });
      if (models < 2) {
        steps.walked("order", "not walked: sale and stock are not both installed here");
        return steps.taken;
      }
      await walkOrderToDelivery(client, twin.id, steps.walked);
      return steps.taken;
    },
    async reading(stack, signal) {
      const steps = stepsFrom(options);
      const send = await throughIngress(options, stack, signal);
      const page = await send({ path: "/web/login", headers: {}, body: "" });
      if (page.status !== 200) throw failure("BAL-W007", stack.id, `its login page answered ${page.status}`);
      steps.walked("login page", "the login page came over HTTPS, its certificate checked against the fleet's authority");
      const key = await options.vault.secret(nodeId(stack.id, "api-key"));
      const [company] = await json2(send, key, stack.id).call<{ name: string }[]>("res.company", "search_read", {
        domain: [],
        fields: ["name"],
        limit: 1,
      });
      steps.walked("read", `company "${company?.name ?? "none"}" read by RPC`);
      return steps.taken;
    },
  };
}

function stepsFrom(options: JourneyOptions): { taken: JourneyStep[]; walked: (step: string, saw: string) => void } {
  const taken: JourneyStep[] = [];
  let last = options.now();
  return {
    taken,
    walked(step, saw) {
      const now = options.now();
      taken.push({ step, saw, seconds: (now - last) / 1000 });
      last = now;
    },
  };
}

function direct(base: string, signal: AbortSignal): Send {
  return async ({ path, headers, body }) => {
    const response = await fetch(`${base}${path}`, {
      method: body === "" ? "GET" : "POST",
      headers,
      ...(body === "" ? {} : { body }),
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(CALL_SECONDS * 1000)]),
    });
    return { status: response.status, body: await response.text() };
  };
}

async function throughIngress(options: JourneyOptions, stack: Stack, signal: AbortSignal): Promise<Send> {
  const route = stack.nodes.find((node) => node.kind === "route");
  const host = route?.spec.hosts[0];
  const entry = route?.uses.map((edge) => edge.to).find((id) => id.endsWith("/ingress"));
  const ingress = entry === undefined ? undefined : await options.find(entry);
  if (host === undefined || ingress?.kind !== "ingress") throw failure("BAL-W007", stack.id, "has no way in through the ingress");
  const door = { address: ingress.spec.address, port: ingress.spec.port, ca: await readFile(options.authorityFile, "utf8") };
  return async ({ path, headers, body }) => {
    signal.throwIfAborted();
    return await requestThrough(door, { host, path, headers, seconds: CALL_SECONDS, ...(body === "" ? {} : { method: "POST", body }) });
  };
}

async function signIn(options: JourneyOptions, stack: Stack, send: Send, walked: (step: string, saw: string) => void): Promise<void> {
  const database = stack.nodes.find((node) => node.kind === "database");
  if (database === undefined) throw failure("BAL-W007", stack.id, "has no database");
  const password = await options.vault.secret(nodeId(stack.id, "admin-password"));
  const params = { db: database.spec.name, login: database.spec.adminLogin, password };
  const answer = await send({
    path: "/web/session/authenticate",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", method: "call", params }),
  });
  const session = JSON.parse(answer.body) as { result?: { uid?: number | false }; error?: { data?: { message?: string } } };
  if (typeof session.result?.uid !== "number") {
    throw failure("BAL-W007", stack.id, `signing in was refused: ${session.error?.data?.message ?? `status ${answer.status}`}`);
  }
  walked("sign in", `${database.spec.adminLogin} signed in`);
}
