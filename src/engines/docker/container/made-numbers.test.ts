import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compile } from "../../../domain/blueprint/compile.ts";
import { loadFleet } from "../../../domain/fleet/load.ts";
import type { AnyNode, NodeKind, StackNode } from "../../../domain/stack/node.ts";
import { hashOf } from "../../../kernel/canonical.ts";
import { egressShape } from "../kinds/egress.ts";
import { ingressShape } from "../kinds/ingress.ts";
import { mailboxShape } from "../kinds/mailbox.ts";
import { odooShape } from "../kinds/odoo.ts";
import { poolerConfig, poolerShape } from "../kinds/pooler.ts";
import { postgresShape } from "../kinds/postgres.ts";
import { redisConfig, redisShape } from "../kinds/redis.ts";
import { replicaShape } from "../kinds/replica.ts";
import { squidConfig } from "../network/egress/squid-config.ts";
import { hardening } from "./containers.ts";
import { makeOf } from "./made-from.ts";
import type { ContainerShape } from "./wanted-container.ts";

const TEXT = readFileSync(join(import.meta.dirname, "../../../../examples/regional-distributor/fleet.yaml"), "utf8");

function nodes(): readonly AnyNode[] {
  const loaded = loadFleet([{ path: "fleet.yaml", text: TEXT }], { today: "2026-11-22" });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const compiled = compile(loaded.value, { images: {}, ingress: { address: "127.0.0.1", port: 8443 }, certificateGeneration: 1 });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return [...compiled.value.stacks.values()].flatMap((stack) => stack.nodes);
}

/** What this version makes of a node, beside what the node itself declares: that a change of it reaches what runs is up to the number. */
const MADE: { readonly [K in NodeKind]?: (node: StackNode<K>) => readonly [ContainerShape, string] } = {
  egress: (node) => [egressShape(node), squidConfig(node.spec, "inside")],
  ingress: (node) => [ingressShape(node), ""],
  mailbox: (node) => [mailboxShape(node), ""],
  odoo: (node) => [odooShape(node), ""],
  pooler: (node) => [poolerShape(node), poolerConfig(node, "server")],
  postgres: (node) => [postgresShape(node), ""],
  redis: (node) => [redisShape(node), redisConfig(node)],
  replica: (node) => [replicaShape(node), ""],
};

function madeOf(kind: NodeKind): string {
  const make = MADE[kind] as ((node: AnyNode) => readonly [ContainerShape, string]) | undefined;
  const made = nodes().flatMap((node) => (node.kind === kind && make !== undefined ? [make(node)] : []));
  const whole = made.map(([shape, config]) => ({ shape: { ...shape }, config, hardening: hardening(shape) }));
  return `${makeOf(kind)} ${hashOf(JSON.parse(JSON.stringify(whole))).slice(0, 12)}`;
}

test("whatever this version makes otherwise has a larger number: else it would reach nothing that runs already", () => {
  // Where a line differs, raise the number of its kind in made.ts, and write down here what it is now.
  expect(Object.fromEntries(Object.keys(MADE).map((kind) => [kind, madeOf(kind as NodeKind)]))).toEqual({
    egress: "3 d8a9a8793f4c",
    ingress: "6 a62b27c360e4",
    mailbox: "4 711945dca9b0",
    odoo: "5 0833f49f9d49",
    pooler: "4 0b9e91a4c211",
    postgres: "4 3b6afd29c9ef",
    redis: "4 22b70c840657",
    replica: "4 d9daf5f57a30",
  });
});
