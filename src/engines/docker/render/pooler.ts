import { LOOKUP_ROLE } from "../../../adapters/postgres/superuser-sql.ts";
import { stackOf } from "../../../domain/stack/node.ts";
import { credentialOf } from "../container/credentials.ts";
import { poolerConfig, poolerShape } from "../kinds/pooler.ts";
import { homeName } from "../observe/labels.ts";
import { serverOf } from "../postgres/servers.ts";
import type { Builder } from "./context.ts";
import { prepareName } from "./prepare.ts";
import { ownConfig, ownSecret } from "./secret-file.ts";
import { projectName, runningService } from "./service.ts";

export const pooler: Builder<"pooler"> = async (node, context) => {
  const server = serverOf(node);
  const password = await credentialOf(node, context, "pooler-password");
  const users = ownSecret(
    node,
    "users.txt",
    `"${LOOKUP_ROLE}" "${password}"\n`,
    `\`"${LOOKUP_ROLE}" "PASSWORD"\` with the pooler password`,
  );
  const config = ownConfig(node, "pgbouncer.ini", poolerConfig(node, homeName(server, projectName(stackOf(server)))));
  const service = runningService({
    id: node.id,
    image: node.spec.image,
    shape: poolerShape(node),
    mounts: { "/etc/ballast/pgbouncer.ini": config, "/etc/ballast/users.txt": users },
  });
  const after = { [prepareName(server)]: { condition: "service_completed_successfully" } };
  return { name: projectName(node.id), service: { ...service, depends_on: after }, files: [users, config] };
};
