import { randomBytes, randomUUID } from "node:crypto";
import { shiftOf } from "../../../domain/odoo/daily-actions.ts";
import { KEY_ROUNDS, passwordHash } from "../../../domain/odoo/password.ts";
import {
  addressStatements,
  adminPasswordStatement,
  databaseSecretStatement,
  type Identity,
  mailToStatements,
  onlyApiKeyStatements,
  type Statement,
} from "../../../domain/odoo/rekey.ts";
import { type SeriesFacts, seriesFacts } from "../../../domain/odoo/series.ts";
import { nameOf, type StackNode, stackOf } from "../../../domain/stack/node.ts";
import { ADOPTED } from "../../../domain/stack/observation.ts";
import { failure } from "../../../kernel/problem.ts";
import type { ApplyContext } from "../../engine.ts";
import { credentialOf } from "../container/credentials.ts";
import { declaredOf } from "../observe/labels.ts";

type Node = StackNode<"database">;

export function factsOf(node: Node): SeriesFacts {
  const facts = seriesFacts(node.spec.series);
  if (facts === undefined) throw failure("BAL-E001", node.id, `Odoo ${node.spec.series} is not a series that can be run`);
  return facts;
}

/** What makes a copy this node's own. */
export async function identityOf(node: Node, context: ApplyContext): Promise<Identity> {
  return {
    databaseSecret: randomUUID(),
    databaseUuid: randomUUID(),
    baseUrl: node.spec.baseUrl,
    reportUrl: node.spec.reportUrl,
    adminLogin: node.spec.adminLogin,
    adminPasswordHash: await adminHash(node, context),
    createdAt: new Date().toISOString().slice(0, 19).replace("T", " "),
    dailyShift: shiftOf(stackOf(node.id)),
  };
}

async function adminHash(node: Node, context: ApplyContext): Promise<string> {
  return await passwordHash(await credentialOf(node, context, "admin-password"), randomBytes(16), factsOf(node).passwords.personRounds);
}

/** The key by which Ballast itself calls this node's Odoo. */
export async function ownKey(node: Node, context: ApplyContext): Promise<{ name: string; key: string; keyHash: string }> {
  const key = await credentialOf(node, context, "api-key");
  return { name: "Ballast", key, keyHash: await passwordHash(key, randomBytes(16), KEY_ROUNDS) };
}

/** What a living database is told of its declaration: its URL, where reports call back, where mail goes that may not leave. Nothing else inside is touched. */
export function toldStatements({ spec }: Node, { address }: { readonly address: boolean }): readonly Statement[] {
  return [...(address ? addressStatements(spec) : []), ...(spec.mailTo === undefined ? [] : mailToStatements(spec.mailTo))];
}

/** What it must be told of credentials that were rotated since its label was written, or before it was adopted: the label is written last, so nothing is left out. */
export async function rotatedStatements(
  node: Node,
  labels: Readonly<Record<string, string>>,
  context: ApplyContext,
): Promise<readonly Statement[]> {
  const before = declaredOf(labels)?.declared;
  const known = before?.uses ?? [];
  const isNew = (purpose: "admin-password" | "api-key") => {
    const edge = node.uses.find((use) => use.as === "credential" && nameOf(use.to) === purpose);
    return edge?.generation !== undefined && known.find((use) => use.to === edge.to)?.generation !== edge.generation;
  };
  const statements: Statement[] = [];
  if (isNew("admin-password")) statements.push(adminPasswordStatement(await adminHash(node, context)));
  if (isNew("api-key") || labels["ballast.spec"] === ADOPTED) statements.push(...onlyApiKeyStatements(await ownKey(node, context)));
  const { secretGeneration } = node.spec;
  if (secretGeneration !== undefined && (before?.spec as Node["spec"] | undefined)?.secretGeneration !== secretGeneration)
    statements.push(databaseSecretStatement(randomUUID()));
  return statements;
}
