/**
 * What a tenant feels of its neighbour on one pool: `npm run bench:noisy`. The neighbour prints its heaviest reports and imports customers as fast as it can,
 * the victim confirms orders; alone and disturbed take turns, so that whatever else the machine does falls on both. Once without quotas, once with.
 * A third turn is the floor: beside processes that only count, share nothing with the victim, and give way to it at once (SCHED_IDLE). What they cost is the
 * machine's, whose processors share caches, memory and often cores; nothing that divides processor time can do better.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { document, ground } from "../test/support/fleet-text.ts";
import { type AskMore, launchedFleet } from "../test/support/launched-fleet.ts";

const ORDERS = Number(process.env["BENCH_ORDERS"] ?? 40);
const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 4);
const PAUSE_MS = 150;
const REPORTERS = 3;
const IMPORTERS = 2;
const ROWS = 200;
const LINES = 80;
const QUOTAS = "quotas: { cpus: 0.5, memory: 2Gi, connections: 40 }";

const fleet = launchedFleet("noisy");
function declare(quotas: string): void {
  const tenant = (name: string, more: string) =>
    document(
      "Tenant",
      name,
      `{ owner: { name: O, email: o@bench.example }, calendar: office, environments: { production: { hosting: shared, pool: everyone${more} } } }`,
    );
  fleet.declare([...ground(fleet.name), tenant("victim", ""), tenant("noisy", quotas === "" ? "" : `, ${quotas}`)].join("---\n"));
}

async function must(...words: readonly string[]): Promise<void> {
  const ran = await fleet.ballast(...words);
  if (ran.code !== 0) throw new Error(ran.err);
}

interface Person {
  /** Calls a model's method as a browser would. */
  call<T>(model: string, method: string, args: readonly unknown[], kwargs?: object): Promise<T>;
  get(path: string): Promise<number>;
}

async function signedIn(tenant: string): Promise<Person> {
  const { session } = await fleet.signIn(tenant, fleet.password(tenant));
  const headers = { cookie: session };
  return {
    async call<T>(model: string, method: string, args: readonly unknown[], kwargs: object = {}) {
      const more: AskMore = { headers, seconds: 120, body: { jsonrpc: "2.0", method: "call", params: { model, method, args, kwargs } } };
      const answer = JSON.parse((await fleet.ask(tenant, `/web/dataset/call_kw/${model}/${method}`, more)).body) as {
        result: T;
        error?: { data: { message: string } };
      };
      if (answer.error !== undefined) throw new Error(answer.error.data.message);
      return answer.result;
    },
    get: async (path) => (await fleet.ask(tenant, path, { headers, seconds: 120 })).status,
  };
}

async function newOrders(person: Person, count: number, lines = 3): Promise<readonly number[]> {
  const [partner] = await person.call<number[]>("res.partner", "create", [[{ name: "Buyer" }]]);
  const [product] = await person.call<number[]>("product.product", "create", [[{ name: "Pallet", type: "consu", list_price: 10 }]]);
  const line = [0, 0, { product_id: product, product_uom_qty: 2 }];
  return await person.call<number[]>("sale.order", "create", [
    Array.from({ length: count }, () => ({ partner_id: partner, order_line: Array.from({ length: lines }, () => line) })),
  ]);
}

/** Milliseconds that each confirmation takes, one after the other, as one clerk does it. */
async function confirming(victim: Person): Promise<readonly number[]> {
  const orders = await newOrders(victim, ORDERS);
  const taken: number[] = [];
  for (const order of orders) {
    const started = performance.now();
    await victim.call("sale.order", "action_confirm", [[order]]);
    taken.push(performance.now() - started);
    await sleep(PAUSE_MS);
  }
  return taken;
}

interface Noise {
  reports: number;
  rows: number;
}

/** Reports and imports without a pause, until it is told to stop. */
function makeNoise(noisy: Person, report: string): { stop(): Promise<Noise> } {
  const made: Noise = { reports: 0, rows: 0 };
  let over = false;
  async function reporter(): Promise<void> {
    while (!over) if ((await noisy.get(report)) === 200) made.reports += 1;
  }
  async function importer(): Promise<void> {
    while (!over) {
      const rows = Array.from({ length: ROWS }, (_, index) => [`Imported ${index}`, `${index}@bench.example`]);
      await noisy.call("res.partner", "load", [["name", "email"], rows]);
      made.rows += ROWS;
    }
  }
  const all = Promise.all([...Array.from({ length: REPORTERS }, reporter), ...Array.from({ length: IMPORTERS }, importer)]);
  return {
    async stop() {
      over = true;
      await all;
      return made;
    },
  };
}

/** One process a processor that counts for ever and gives way to everybody. */
function spinning(): { stop(): void } {
  const children: ChildProcess[] = Array.from({ length: availableParallelism() }, () =>
    spawn("chrt", ["--idle", "0", process.execPath, "-e", "for (;;);"], { stdio: "ignore" }),
  );
  return { stop: () => children.forEach((child) => void child.kill("SIGKILL")) };
}

/** Median and 95th percentile, in milliseconds. */
function summary(values: readonly number[]): { readonly half: number; readonly most: number; readonly text: string } {
  const [half, most] = [percentile(values, 0.5), percentile(values, 0.95)];
  return { half, most, text: `${half.toFixed(0)} / ${most.toFixed(0)}` };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] as number;
}

async function measure(what: string): Promise<void> {
  const [victim, noisy] = [await signedIn("victim"), await signedIn("noisy")];
  const [printed] = await newOrders(noisy, 1, LINES);
  const report = `/report/pdf/sale.report_saleorder/${printed}`;
  const status = await noisy.get(report);
  if (status !== 200) throw new Error(`the neighbour's report answered ${status}`);
  await confirming(victim);
  const [alone, floor, disturbed]: [number[], number[], number[]] = [[], [], []];
  const noise: Noise = { reports: 0, rows: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    alone.push(...(await confirming(victim)));
    const counting = spinning();
    try {
      floor.push(...(await confirming(victim)));
    } finally {
      counting.stop();
    }
    const neighbour = makeNoise(noisy, report);
    await sleep(3000);
    disturbed.push(...(await confirming(victim)));
    const made = await neighbour.stop();
    noise.reports += made.reports;
    noise.rows += made.rows;
  }
  const [a, f, d] = [summary(alone), summary(floor), summary(disturbed)];
  const ratios = [d, f].map((one) => `${(one.half / a.half).toFixed(2)} / ${(one.most / a.most).toFixed(2)}`);
  const cells = [what, a.text, f.text, d.text, ...ratios];
  console.log(`| ${[...cells, `${noise.reports} reports of ${LINES} lines, ${noise.rows} rows`].join(" | ")} |`);
}

try {
  declare("");
  await must("up", fleet.folder, "--yes");
  console.log(`${ORDERS * ROUNDS} confirmations each; median / 95th percentile, milliseconds, and their ratios to alone`);
  console.log("| the neighbour | alone | floor | disturbed | disturbed ÷ alone | floor ÷ alone | what it did meanwhile |");
  console.log("|---|---|---|---|---|---|---|");
  await measure("without quotas");
  declare(QUOTAS);
  await must("apply", fleet.folder, "--now", "--reason", "bench");
  await measure(QUOTAS);
} finally {
  await fleet.remove();
}
