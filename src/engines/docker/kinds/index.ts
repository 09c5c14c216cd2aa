import type { NodeKind } from "../../../domain/stack/node.ts";
import { authority } from "./authority.ts";
import { boundary } from "./boundary.ts";
import { certificate } from "./certificate.ts";
import { database } from "./database.ts";
import { egress } from "./egress.ts";
import { filestore } from "./filestore.ts";
import { ingress } from "./ingress.ts";
import { keyspace } from "./keyspace.ts";
import type { DockerKind } from "./kind.ts";
import { mailbox } from "./mailbox.ts";
import { odoo } from "./odoo.ts";
import { pooler } from "./pooler.ts";
import { postgres } from "./postgres.ts";
import { quota } from "./quota.ts";
import { redis } from "./redis.ts";
import { replica } from "./replica.ts";
import { route } from "./route.ts";
import { secret } from "./secret.ts";
import { template } from "./template.ts";
import { volume } from "./volume.ts";

/** How each kind becomes real on Docker, one file a kind. */
export const DOCKER_KINDS: { readonly [K in NodeKind]: DockerKind<K> } = {
  authority,
  boundary,
  certificate,
  database,
  egress,
  filestore,
  ingress,
  keyspace,
  mailbox,
  odoo,
  pooler,
  postgres,
  quota,
  redis,
  replica,
  route,
  secret,
  template,
  volume,
};
