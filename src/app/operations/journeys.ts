import { readFile } from "node:fs/promises";
import { fetchBounded } from "../../adapters/http/bounded-fetch.ts";
import { doorOf } from "../../adapters/http/door.ts";
import { requestThrough } from "../../adapters/http/through.ts";
import type { OdooClient, Send } from "../../adapters/odoo-rpc/client.ts";
import { goodsOf } from "../../adapters/odoo-rpc/goods.ts";
import { jsonRpc } from "../../adapters/odoo-rpc/json-rpc.ts";
import { json2 } from "../../adapters/odoo-rpc/json2.ts";
import { runOrderToDelivery } from "../../adapters/odoo-rpc/order-to-delivery.ts";
import { signIn } from "../../adapters/odoo-rpc/session.ts";
import { type SeriesFacts, seriesFacts } from "../../domain/odoo/series.ts";
import { hostThatLeads, seenInForce } from "../../domain/stack/entry.ts";
import { type AnyNode, nodeId, type Stack, type StackId, stackOf } from "../../domain/stack/node.ts";
import type { Engine, Vault } from "../../engines/engine.ts";
import { failure } from "../../kernel/problem.ts";
import type { JourneyRunner, JourneyStep } from "../../workflows/services.ts";

export interface JourneyOptions {
  readonly engine: Engine;
  /** Opens secrets of any stack, clones included. */
  readonly vault: Pick<Vault, "secret">;
  readonly find: (id: string) => Promise<AnyNode | undefined>;
  readonly authorityFile: string;
  readonly now: () => number;
}

const CALL_SECONDS = 30;
const ANSWER_BYTES = 8 * 1024 * 1024;

export function createJourneys(options: JourneyOptions): JourneyRunner {
  return {
    async full(clone, signal) {
      const steps = stepsFrom(options);
      steps.passed("data", await dataOf(options, clone));
      const odoo = await options.engine.endpoint(nodeId(clone.id, "odoo"));
      if (odoo === undefined) throw failure("BAL-W007", clone.id, "its Odoo does not run");
      const send = direct(`http://${odoo.host}:${odoo.port}`, signal);
      const tenant = tenantOf(clone);
      await signIn(send, await personOf(options, tenant), clone.id);
      steps.passed("sign in", `${tenant.login} signed in`);
      const apiKey = await options.vault.secret(nodeId(clone.id, "api-key"));
      const client =
        tenant.facts.rpc === "json-2"
          ? json2(send, apiKey, clone.id)
          : jsonRpc(send, { database: tenant.database, login: tenant.login, apiKey }, clone.id);
      const models = await client.call<object[]>("ir.model", "search_read", {
        domain: [["model", "in", ["sale.order", "stock.picking"]]],
        fields: ["model"],
      });
      if (models.length < 2) {
        steps.passed("order", "skipped: sale and stock are not both installed here");
        return steps.taken;
      }
      await runOrderToDelivery({ odoo: client, goods: goodsOf(tenant.facts.series), at: clone.id, passed: steps.passed });
      return steps.taken;
    },
    async reading(stack, signal) {
      const steps = stepsFrom(options);
      const send = await throughIngress(options, stack, signal);
      await openLoginPage(stack.id, send, signal);
      steps.passed("login page", "the login page came over HTTPS, its certificate checked");
      const client = await readerOf(options, tenantOf(stack), send);
      const [company] = await client.call<{ name: string }[]>("res.company", "search_read", {
        domain: [],
        fields: ["name"],
        limit: 1,
      });
      steps.passed("read", `company "${company?.name ?? "none"}" read by RPC`);
      return steps.taken;
    },
  };
}

/** What the clone was made of, as the engine recorded it when it was. Attachments are not asked for: no step opens one. */
async function dataOf({ engine }: JourneyOptions, clone: Stack): Promise<string> {
  const { nodes } = await engine.observe(clone);
  const database = clone.nodes.find((node) => node.kind === "database");
  const observation = database === undefined ? undefined : nodes.get(database.id);
  const source = observation?.state === "present" ? observation.value.facts["source"] : undefined;
  return `made of ${source ?? "the template"}; attachments are the template's`;
}

const PAGE_TRIES = 10;

/** An Odoo whose server was just started again answers otherwise for a moment; it is given ten seconds. */
async function openLoginPage(stack: StackId, send: Send, signal: AbortSignal): Promise<void> {
  for (let tries = 1; ; tries++) {
    const { status } = await send({ path: "/web/login", headers: {}, body: "" });
    if (status === 200) return;
    if (tries >= PAGE_TRIES || signal.aborted) throw failure("BAL-W007", stack, `its login page answered ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

function stepsFrom(options: JourneyOptions): { taken: JourneyStep[]; passed: (step: string, saw: string) => void } {
  const taken: JourneyStep[] = [];
  let last = options.now();
  return {
    taken,
    passed(step, saw) {
      const now = options.now();
      taken.push({ step, saw, seconds: (now - last) / 1000 });
      last = now;
    },
  };
}

function direct(base: string, signal: AbortSignal): Send {
  return async ({ path, headers, body }) => {
    const asked = { method: body === "" ? "GET" : "POST", headers, ...(body === "" ? {} : { body }) };
    const answer = await fetchBounded(`${base}${path}`, asked, { bytes: ANSWER_BYTES, seconds: CALL_SECONDS, signal });
    return { status: answer.status, body: answer.body, cookies: answer.headers.getSetCookie() };
  };
}

async function throughIngress(options: JourneyOptions, stack: Stack, signal: AbortSignal): Promise<Send> {
  const route = stack.nodes.find((node) => node.kind === "route");
  const seen = route === undefined ? undefined : (await options.engine.observe(stack)).nodes.get(route.id);
  const host = route === undefined ? undefined : hostThatLeads(route, seen?.state === "present" ? seen.value.declared : undefined);
  const entry = route?.uses.map((edge) => edge.to).find((id) => id.endsWith("/ingress"));
  const ingress = entry === undefined ? undefined : await options.find(entry);
  if (host === undefined || ingress?.kind !== "ingress") throw failure("BAL-W007", stack.id, "has no way in through the ingress");
  const door = doorOf(
    seenInForce(ingress, await options.engine.observe({ id: stackOf(ingress.id), role: "platform", nodes: [ingress] })),
    await readFile(options.authorityFile, "utf8"),
  );
  return async ({ path, headers, body }) => {
    signal.throwIfAborted();
    const question = { host, path, headers, seconds: CALL_SECONDS, ...(body === "" ? {} : { method: "POST" as const, body }) };
    const answer = await requestThrough(door, question);
    return { status: answer.status, body: answer.body, cookies: [answer.headers["set-cookie"] ?? []].flat() };
  };
}

interface TenantAccess {
  readonly stack: string;
  readonly facts: SeriesFacts;
  readonly database: string;
  readonly login: string;
}

function tenantOf(stack: Stack): TenantAccess {
  const database = stack.nodes.find((node) => node.kind === "database");
  const facts = database === undefined ? undefined : seriesFacts(database.spec.series);
  if (database === undefined || facts === undefined)
    throw failure("BAL-W007", stack.id, "has no database of a series that a journey knows");
  return { stack: stack.id, facts, database: database.spec.name, login: database.spec.adminLogin };
}

async function personOf(options: JourneyOptions, tenant: TenantAccess) {
  const { database, login } = tenant;
  return { database, login, password: await options.vault.secret(nodeId(tenant.stack, "admin-password")) };
}

/**
 * Who reads on the tenant itself, through the ingress. Before 19.0 a key opens only the doors that are closed there, so the first administrator signs in;
 * once people gave that one another password, the step tells that signing in was refused.
 */
async function readerOf(options: JourneyOptions, tenant: TenantAccess, send: Send): Promise<OdooClient> {
  if (tenant.facts.rpc === "json-rpc") return await signIn(send, await personOf(options, tenant), tenant.stack);
  return json2(send, await options.vault.secret(nodeId(tenant.stack, "api-key")), tenant.stack);
}
