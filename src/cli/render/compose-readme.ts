import { forMarkdown } from "../../kernel/foreign-text.ts";
import type { RenderedProject } from "../port.ts";

interface Described {
  readonly fleet: string;
  readonly project: RenderedProject;
  readonly withSecrets: boolean;
}

/** What somebody must know who runs the project without Ballast. */
export function readmeOf({ fleet, project, withSecrets }: Described): string {
  const secrets = project.files.filter((file) => file.secret);
  const images = imagesOf(project.compose);
  const installs = Object.keys(servicesOf(project.compose)).filter((name) => name.endsWith("-install"));
  const given = withSecrets
    ? "They were made at random for this project alone. Back them up with the data, and keep them out of Git."
    : "**You must provide them**, or render with `--with-secrets`. Each is read by the containers' user 10001: `chown 10001:10001`, `chmod 0600`.";
  return [
    `# ${forMarkdown(fleet)} as a Compose project`,
    "",
    "Written by `ballast render --engine compose`. The same services, networks, volumes, limits and health checks as Ballast makes, without Ballast.",
    "",
    "```",
    "docker compose up --detach                 # servers, poolers and the ingress; Odoo waits for its database",
    ...installs.map((service) => `docker compose --profile install run --rm ${service}   # once: installs the modules into its database`),
    "docker compose up --detach                 # Odoo then finds what was installed",
    "```",
    "",
    "## Secret files",
    "",
    given,
    "",
    "| file | what is in it |",
    "|---|---|",
    ...secrets.map(({ path, what }) => `| \`${path}\` | ${forMarkdown(what)} |`),
    "",
    "## Images",
    "",
    "Named after the hash of their recipe. `ballast up` makes them on a machine; elsewhere take them from your registry under the same names.",
    "",
    ...images.map((image) => `- \`${image}\``),
    "",
    "## What is not here",
    "",
    "- Cloning from a template: each database is installed by itself, which takes minutes instead of seconds.",
    "- Plans, maintenance windows, proofs and the ledger: nothing asks whether a change may be made now.",
    ...project.notes.map((note) => `- ${forMarkdown(note)}.`),
    "",
  ].join("\n");
}

function imagesOf(compose: object): readonly string[] {
  return [...new Set(Object.values(servicesOf(compose)).flatMap((service) => service.image ?? []))].sort();
}

function servicesOf(compose: object): Readonly<Record<string, { readonly image?: string }>> {
  return (compose as { services?: Readonly<Record<string, { readonly image?: string }>> }).services ?? {};
}
