import { quoteText } from "../../../adapters/postgres/session.ts";
import { nodeId, type StackNode, stackOf } from "../../../domain/stack/node.ts";
import { DATA_FOLDER } from "../kinds/filestore.ts";
import { configText, factsOf, ODOO_CONFIG } from "../kinds/odoo.ts";
import { networkAlias } from "../observe/labels.ts";
import { POSTGRES_PORT } from "../postgres/servers.ts";
import type { RenderContext } from "./context.ts";
import { prepareName } from "./prepare.ts";
import { ownConfig, ownSecret, secretFile } from "./secret-file.ts";
import { hardenedService, type Part, projectName } from "./service.ts";

const SHAPE = { memoryMiB: 2048, cpuShares: 512, pidsLimit: 256, tmpfs: { "/tmp": "rw,nosuid,nodev,size=256m" } };
const SCRIPT = "/etc/ballast/install.sh";
const ROLE = "/run/secrets/role-password";
const ADMIN = "/run/secrets/admin-password";

/** Installs the modules into the empty database of an environment, once, when somebody asks for it: `--profile install`. */
export async function install(node: StackNode<"database">, context: RenderContext): Promise<Part | undefined> {
  const stack = stackOf(node.id);
  const odoo = context.stacks.get(stack)?.nodes.find((one) => one.kind === "odoo");
  const server = node.uses.find((edge) => edge.as === "sql")?.to;
  const template = context.find(node.uses.find((edge) => edge.as === "clone")?.to ?? "");
  if (odoo === undefined || server === undefined || template?.kind !== "template") return undefined;
  const config = ownSecret(odoo, "odoo.conf", await configText(odoo, factsOf(odoo), context), "odoo.conf with the password of its role");
  const [role, admin] = [await secretFile(node, context, "role-password"), await secretFile(node, context, "admin-password")];
  const id = nodeId(stack, "install");
  const script = ownConfig({ id }, "install.sh", scriptOf(node, networkAlias(server), template.spec.modules));
  const filestore = nodeId(stack, "filestore");
  const service = hardenedService({
    id,
    image: odoo.spec.image,
    shape: { ...SHAPE, command: [SCRIPT] },
    mounts: { [SCRIPT]: script, [ODOO_CONFIG]: config, [ROLE]: role, [ADMIN]: admin },
    volumes: { [projectName(filestore)]: DATA_FOLDER },
  });
  const depends = { [prepareName(server)]: { condition: "service_completed_successfully" } };
  return {
    name: projectName(id),
    service: { ...service, entrypoint: ["sh"], restart: "no", profiles: ["install"], depends_on: depends },
    files: [config, role, admin, script],
  };
}

/** Straight to the server: installing keeps one transaction open for long. The first password is the one in the file, never Odoo's own. */
function scriptOf({ spec }: StackNode<"database">, host: string, modules: readonly string[]): string {
  const odoo = `python3 /usr/share/ballast/odoo_start.py`;
  const at = `-c ${ODOO_CONFIG} -d ${spec.name} --db_host ${host} --db_port ${POSTGRES_PORT}`;
  const parameter = (key: string, value: string) =>
    `INSERT INTO ir_config_parameter (key, value) VALUES (${quoteText(key)}, ${quoteText(value)}) ON CONFLICT (key) DO UPDATE SET value = excluded.value;`;
  return [
    "#!/bin/sh",
    "set -eu",
    "umask 077",
    `printf '*:*:*:${spec.role}:%s\\n' "$(cat ${ROLE})" >/tmp/pgpass`,
    "export PGPASSFILE=/tmp/pgpass",
    `${odoo} server ${at} -i ${["base", ...modules].join(",")} --workers 0 --max-cron-threads 0 --stop-after-init --no-http`,
    ...(spec.neutralised ? [`${odoo} neutralize ${at}`] : []),
    `psql --host=${host} --port=${POSTGRES_PORT} --username=${spec.role} --dbname=${spec.name} --no-password --quiet --set=ON_ERROR_STOP=1 <<'SQL'`,
    `\\set password \`cat ${ADMIN}\``,
    `UPDATE res_users SET password = :'password' WHERE login = ${quoteText(spec.adminLogin)};`,
    parameter("web.base.url", spec.baseUrl),
    parameter("web.base.url.freeze", "True"),
    parameter("report.url", spec.reportUrl),
    "SQL",
    "",
  ].join("\n");
}
