import { credentialOf } from "../container/credentials.ts";
import { redisConfig, redisShape } from "../kinds/redis.ts";
import { ACL_FILE, ownUsers, userLine } from "../redis/redis-users.ts";
import { type Builder, usersOf } from "./context.ts";
import { ownConfig, ownSecret } from "./secret-file.ts";
import { projectName, runningService } from "./service.ts";

export const redis: Builder<"redis"> = async (node, context) => {
  const keyspaces = usersOf(context, "keyspace", node.id);
  const lines = await Promise.all(keyspaces.map(async (one) => userLine(one.spec, await credentialOf(one, context, "keyspace-password"))));
  const content = [ownUsers(await credentialOf(node, context, "redis-password")), ...lines].join("");
  const what = "Redis ACL: the administrator `ballast`, and each tenant's user below its prefix, passwords as `#` and their SHA-256";
  const users = ownSecret(node, ACL_FILE, content, what);
  const config = ownConfig(node, "redis.conf", redisConfig(node));
  const service = runningService({
    id: node.id,
    image: node.spec.image,
    shape: redisShape(node),
    mounts: { "/etc/ballast/redis.conf": config, [`/etc/ballast/${ACL_FILE}`]: users },
  });
  return { name: projectName(node.id), service, files: [users, config] };
};
