import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import { failure } from "../../kernel/problem.ts";
import { EXIT } from "../exit.ts";
import { filesOf, readFleet } from "../fleet.ts";
import type { Invocation, Outcome } from "../outcome.ts";
import { readmeOf } from "../render/compose-readme.ts";
import { counted } from "../style.ts";
import { type WrittenFile, writeProject } from "../write-project.ts";

export interface RenderOptions {
  readonly engine: string;
  readonly out?: string;
  readonly withSecrets?: boolean;
}

export async function render(call: Invocation<RenderOptions>): Promise<Outcome<"render">> {
  const { context, options } = call;
  const { engine, out } = options;
  const withSecrets = options.withSecrets === true;
  if (engine !== "compose") throw failure("BAL-C001", "--engine", `"${engine}" cannot be rendered for; one of: compose`);
  if (withSecrets && out === undefined)
    throw failure("BAL-C001", "--with-secrets", "secrets are written to files, never shown", { hint: "add --out FOLDER" });
  const { loaded } = await readFleet(context, await filesOf(call, call.words[0]));
  const folder = out === undefined ? undefined : resolve(context.cwd, out);
  if (withSecrets) refuseOtherSecrets(join(folder ?? "", "secrets"));
  const project = await context.ports.renderCompose(loaded);
  // As YAML 1.1 writes it: there a bare `no` would be a boolean.
  const yaml = stringify(project.compose, { lineWidth: 0, aliasDuplicateObjects: false, version: "1.1" });
  const toProvide = withSecrets ? [] : project.files.filter((file) => file.secret).map((file) => file.path);
  const wanted = project.files.filter((file) => withSecrets || !file.secret);
  const readme = readmeOf({ fleet: loaded.fleet.name, project, withSecrets });
  const whole: readonly WrittenFile[] = [
    { path: "compose.yaml", content: yaml, secret: false },
    { path: "README.md", content: readme, secret: false },
    ...wanted,
  ];
  const written = folder === undefined ? [] : writeProject(folder, whole);
  const data = {
    engine,
    ...(folder === undefined ? {} : { folder }),
    compose: { ...project.compose },
    written: [...written],
    toProvide,
    notes: [...project.notes],
  } satisfies Outcome<"render">["data"];
  const text =
    folder === undefined ? yaml.trimEnd() : summary({ out: out as string, written: written.length, toProvide: toProvide.length });
  return { exit: EXIT.done, text, data };
}

/** Secrets that a project runs with already are in its databases too: others would lock it out of them. */
function refuseOtherSecrets(folder: string): void {
  if (!existsSync(folder)) return;
  throw failure("BAL-C016", folder, "there are secrets already; nothing was written", {
    hint: "leave --with-secrets out to write all but the secrets, or name another folder",
  });
}

function summary({ out, written, toProvide }: { readonly out: string; readonly written: number; readonly toProvide: number }): string {
  const missing = toProvide === 0 ? "" : `${counted(toProvide, "secret file")} must be provided: see ${join(out, "README.md")}\n`;
  return `wrote ${counted(written, "file")} to ${out}\n${missing}Next: docker compose --project-directory ${out} up --detach`;
}
