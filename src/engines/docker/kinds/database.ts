import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import { runStatements } from "../../../adapters/postgres/tables.ts";
import type { Statement } from "../../../domain/odoo/rekey.ts";
import { isTold } from "../../../domain/stack/database-content.ts";
import type { NodeId, StackNode } from "../../../domain/stack/node.ts";
import { failure } from "../../../kernel/problem.ts";
import type { ApplyContext } from "../../engine.ts";
import { credentialOf } from "../container/credentials.ts";
import { declaredOf, labelsOf } from "../observe/labels.ts";
import { mayTellAddress } from "../postgres/database-content.ts";
import { rotatedStatements, toldStatements } from "../postgres/database-identity.ts";
import { clearAway, makeDatabase } from "../postgres/database-making.ts";
import { giveName, nameBack } from "../postgres/database-name.ts";
import { dropDatabase } from "../postgres/database-removal.ts";
import { claimRole, haveRole, ownsRole, renameFormerRole, roleNamedBy, withRole } from "../postgres/database-role.ts";
import { removeRole, sweepRoles } from "../postgres/role-removal.ts";
import { databasesOf, isOf, type LabelledDatabase, openInside, openServer, SOURCE_LABEL, serverOf } from "../postgres/servers.ts";
import type { Scope } from "../scope.ts";
import type { DockerKind, Realised } from "./kind.ts";

type Node = StackNode<"database">;

export const database: DockerKind<"database"> = {
  async realise(scope, node, { context }) {
    const server = await openServer(scope, serverOf(node));
    try {
      const former = context.formerly?.(node.id);
      await takeOverFormer(scope, server, { node, former });
      await nameBack(scope, server, node);
      const databases = await databasesOf(server);
      const there = databases.find((one) => one.database === node.spec.name);
      const ours = [node.id, former].some((id) => id !== undefined && there !== undefined && isOf(scope, there.labels, id));
      if (there !== undefined && !ours) throw failure("BAL-E006", node.id, `a database named ${node.spec.name} is not ours`);
      const role = { node, former, password: await credentialOf(node, context, "role-password"), databases };
      if (there !== undefined) {
        await haveRole(scope, server, role);
        return await follow(scope, server, { node, context, there });
      }
      await withRole(scope, server, role, () => makeDatabase(scope, server, { node, context }));
      return { did: "created", facts: { database: node.spec.name } };
    } finally {
      await server.end();
    }
  },
  async remove(scope, removed) {
    const node = removed as Node;
    const server = await openServer(scope, serverOf(node));
    try {
      const all = await databasesOf(server);
      const mine = all.filter((one) => isOf(scope, one.labels, node.id));
      if (all.some((one) => one.database === node.spec.name && !mine.includes(one)))
        throw failure("BAL-E006", node.id, `a database named ${node.spec.name} is not ours, and is left as it is`);
      // Before roles said whose they are, a database did so for its role: once it is gone, nothing would.
      const named = mine.some((one) => roleNamedBy(one) === node.spec.role);
      const roleIsOurs = (await ownsRole(scope, server, node)) || named;
      if (named) await claimRole(scope, server, node);
      for (const one of mine) await dropDatabase(server, one.database);
      await clearAway(scope, server, node);
      if (roleIsOurs) await removeRole(scope, server, node.spec.role);
      await sweepRoles(scope, server);
    } finally {
      await server.end();
    }
  },
};

/** A database of the tenant's former name gets the new one, and so does its role; the label, which comes last, then says the new node. */
async function takeOverFormer(
  scope: Scope,
  server: ServerSession,
  { node, former }: { readonly node: Node; readonly former: NodeId | undefined },
): Promise<void> {
  if (former === undefined) return;
  const databases = await databasesOf(server);
  const found = databases.find((one) => isOf(scope, one.labels, former));
  if (found === undefined) return;
  if (found.database !== node.spec.name) await giveName(server, { node, found, databases });
  await renameFormerRole(scope, server, { node, former, found });
}

/** Brings a living database to its declaration. */
async function follow(
  scope: Scope,
  server: ServerSession,
  work: { readonly node: Node; readonly context: ApplyContext; readonly there: LabelledDatabase },
): Promise<Realised> {
  const { node, context, there } = work;
  if (!there.open) await server.run(SERVER_SQL.openDatabase(node.spec.name, true));
  await tell(scope, node, { context, there, rotated: await rotatedStatements(node, there.labels, context) });
  const source = there.labels[SOURCE_LABEL];
  const labels: Record<string, string> = { ...labelsOf(scope.owner, node), ...(source === undefined ? {} : { [SOURCE_LABEL]: source }) };
  await server.run(SERVER_SQL.labelDatabase(node.spec.name, labels));
  return { did: there.labels["ballast.spec"] === labels["ballast.spec"] ? "nothing" : "updated" };
}

/** A few rows by their keys: what takes longer is the tenant's own trigger or lock. */
const TOLD_SECONDS = 20;
/** Found in the catalog first; the tenant's own schema follows, for what its triggers look up. */
const LIVING_SETTINGS = { search_path: "pg_catalog,public,pg_temp", lock_timeout: "15s", synchronous_commit: "local" };

/** Written as the tenant's own role: whatever the tenant hung on its tables runs with the rights that the tenant has anyway. */
async function tell(
  scope: Scope,
  node: Node,
  work: { readonly context: ApplyContext; readonly there: LabelledDatabase; readonly rotated: readonly Statement[] },
): Promise<void> {
  const password = await credentialOf(node, work.context, "role-password");
  const insider = { database: node.spec.name, role: node.spec.role, password, settings: LIVING_SETTINGS, seconds: TOLD_SECONDS };
  const inside = await openInside(scope, { server: serverOf(node), at: node.id }, insider);
  try {
    await inside.query("BEGIN");
    const { labels } = work.there;
    const address = !isTold(labels["ballast.spec"] ?? "") || (await mayTellAddress(inside, node, declaredOf(labels)?.declared));
    await runStatements(inside, [...toldStatements(node, { address }), ...work.rotated]);
    await inside.query("COMMIT");
  } finally {
    await inside.end();
  }
}
