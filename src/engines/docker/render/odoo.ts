import { failure } from "../../../kernel/problem.ts";
import { DATA_FOLDER } from "../kinds/filestore.ts";
import { configText, factsOf, ODOO_CONFIG, odooShape } from "../kinds/odoo.ts";
import { serverOf } from "../postgres/servers.ts";
import type { Builder } from "./context.ts";
import { ownSecret } from "./secret-file.ts";
import { projectName, runningService } from "./service.ts";

export const odoo: Builder<"odoo"> = async (node, context) => {
  const files = node.uses.find((edge) => edge.as === "mount");
  if (files === undefined) throw failure("BAL-E003", node.id, "names no filestore");
  const config = ownSecret(node, "odoo.conf", await configText(node, factsOf(node), context), "odoo.conf with the password of its role");
  const shape = odooShape(node);
  const service = runningService({
    id: node.id,
    image: node.spec.image,
    shape,
    mounts: { [ODOO_CONFIG]: config },
    volumes: { [projectName(files.to)]: DATA_FOLDER },
  });
  const after = { [projectName(serverOf(node))]: { condition: "service_healthy" } };
  return { name: projectName(node.id), service: { ...service, depends_on: after }, files: [config] };
};
