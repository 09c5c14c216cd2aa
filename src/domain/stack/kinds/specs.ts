import type { AuthoritySpec } from "./authority.ts";
import type { BoundarySpec } from "./boundary.ts";
import type { CertificateSpec } from "./certificate.ts";
import type { DatabaseSpec } from "./database.ts";
import type { EgressSpec } from "./egress.ts";
import type { FilestoreSpec } from "./filestore.ts";
import type { IngressSpec } from "./ingress.ts";
import type { KeyspaceSpec } from "./keyspace.ts";
import type { MailboxSpec } from "./mailbox.ts";
import type { OdooSpec } from "./odoo.ts";
import type { PoolerSpec } from "./pooler.ts";
import type { PostgresSpec } from "./postgres.ts";
import type { QuotaSpec } from "./quota.ts";
import type { RedisSpec } from "./redis.ts";
import type { ReplicaSpec } from "./replica.ts";
import type { RouteSpec } from "./route.ts";
import type { SecretSpec } from "./secret.ts";
import type { TemplateSpec } from "./template.ts";
import type { VolumeSpec } from "./volume.ts";

/** What can be wanted of each kind of node. A new kind is a file beside this one, a line here and a line in `facts.ts`. */
export interface SpecOf {
  readonly authority: AuthoritySpec;
  readonly boundary: BoundarySpec;
  readonly certificate: CertificateSpec;
  readonly database: DatabaseSpec;
  readonly egress: EgressSpec;
  readonly filestore: FilestoreSpec;
  readonly ingress: IngressSpec;
  readonly keyspace: KeyspaceSpec;
  readonly mailbox: MailboxSpec;
  readonly odoo: OdooSpec;
  readonly pooler: PoolerSpec;
  readonly postgres: PostgresSpec;
  readonly quota: QuotaSpec;
  readonly redis: RedisSpec;
  readonly replica: ReplicaSpec;
  readonly route: RouteSpec;
  readonly secret: SecretSpec;
  readonly template: TemplateSpec;
  readonly volume: VolumeSpec;
}
