import { existsSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { stringify } from "yaml";
import { failure, ProblemError } from "../../../kernel/problem.ts";
import { EXIT } from "../../exit.ts";
import { filesOf, readFleet } from "../../fleet/fleet.ts";
import type { FleetFolder } from "../../fleet/fleet-files.ts";
import { type WrittenFile, writeProject } from "../../fleet/write-project.ts";
import { readmeOf } from "../../render/compose-readme.ts";
import type { Invocation, Outcome } from "../../terminal/outcome.ts";
import { counted } from "../../terminal/style.ts";

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
  const files = await filesOf(call, call.words[0]);
  const { loaded } = await readFleet(context, files);
  const folder = out === undefined ? undefined : outside(files, context.cwd, out);
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
  const written = folder === undefined ? [] : writeProject(withoutOthersFiles(folder, readme), whole);
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

/**
 * The folder to write into. Where a whole folder is the fleet, everything below it that ends in .yaml is read as a part of it, but for folders that begin with
 * a dot.
 */
function outside({ folder, shown }: FleetFolder, cwd: string, out: string): string {
  const into = resolve(cwd, out);
  const below = relative(folder, into);
  const isRead = !below.startsWith("..") && !below.split(sep).some((part) => part.startsWith("."));
  if (!isRead || !statSync(resolve(cwd, shown)).isDirectory()) return into;
  throw failure("BAL-C001", "--out", `${out} lies in the fleet's folder, so what is written there would be read as a part of the fleet`, {
    hint: `name a folder outside, or one that begins with a dot, such as ${join(shown, ".compose")}`,
  });
}

/** A project that was written before is written over; somebody's own files of these names are not. The first line of its README tells them apart. */
function withoutOthersFiles(folder: string, readme: string): string {
  const there = ["compose.yaml", "README.md"].filter((name) => existsSync(join(folder, name)));
  const firstLine = (text: string) => text.slice(0, text.indexOf("\n"));
  const isOurs = there.includes("README.md") && firstLine(readFileSync(join(folder, "README.md"), "utf8")) === firstLine(readme);
  if (there.length === 0 || isOurs) return folder;
  throw new ProblemError(
    there.map((name) => ({
      code: "BAL-C016",
      severity: "error",
      at: join(folder, name),
      message: "is there already, and no such project was written there; nothing was written",
      hint: "take it away, or name another folder",
    })),
  );
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
