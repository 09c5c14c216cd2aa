import { failure } from "../../../kernel/problem.ts";
import { postgresShape } from "../kinds/postgres.ts";
import type { Builder } from "./context.ts";
import { ownConfig, secretFile } from "./secret-file.ts";
import { projectName, runningService } from "./service.ts";

export const postgres: Builder<"postgres"> = async (node, context) => {
  const data = node.uses.find((edge) => edge.as === "mount");
  if (data === undefined) throw failure("BAL-E003", node.id, "names no volume for its data");
  const password = await secretFile(node, context, "superuser-password");
  const epoch = ownConfig(node, "epoch", `${node.spec.epoch}\n`);
  const service = runningService({
    id: node.id,
    image: node.spec.image,
    shape: postgresShape(node),
    mounts: { "/run/secrets/superuser-password": password, "/run/ballast/epoch": epoch },
    volumes: { [projectName(data.to)]: "/var/lib/postgresql/data" },
  });
  return { name: projectName(node.id), service, files: [password, epoch] };
};
