import { REPLICATION_ROLE } from "../../../adapters/postgres/superuser-sql.ts";
import { failure } from "../../../kernel/problem.ts";
import { credentialOf } from "../container/credentials.ts";
import { replicaShape } from "../kinds/replica.ts";
import { serverOf } from "../postgres/servers.ts";
import type { Builder } from "./context.ts";
import { prepareName } from "./prepare.ts";
import { ownConfig, ownSecret } from "./secret-file.ts";
import { projectName, runningService } from "./service.ts";

export const replica: Builder<"replica"> = async (node, context) => {
  const data = node.uses.find((edge) => edge.as === "mount");
  if (data === undefined) throw failure("BAL-E003", node.id, "names no volume for its data");
  const password = await credentialOf(node, context, "replication-password");
  const line = `*:*:*:${REPLICATION_ROLE}:`;
  const pgpass = ownSecret(node, "pgpass", `${line}${password}\n`, `\`${line}\` and the replication password, on one line`);
  const epoch = ownConfig(node, "epoch", `${node.spec.epoch}\n`);
  const service = runningService({
    id: node.id,
    image: node.spec.image,
    shape: replicaShape(node),
    mounts: { "/run/ballast/pgpass": pgpass, "/run/ballast/epoch": epoch },
    volumes: { [projectName(data.to)]: "/var/lib/postgresql/data" },
  });
  const after = { [prepareName(serverOf(node))]: { condition: "service_completed_successfully" } };
  return { name: projectName(node.id), service: { ...service, depends_on: after }, files: [pgpass, epoch] };
};
