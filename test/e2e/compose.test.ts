import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { requestThrough } from "../../src/adapters/http/through.ts";
import { dockerClient, imagesFolder, openImageStore } from "../../src/app/machine/machine-engine.ts";
import { firstFree } from "../../src/app/serve/ports.ts";
import { loadFleet } from "../../src/domain/fleet/load.ts";
import { runCommand } from "../../src/engines/docker/container/command.ts";
import { dockerCompose } from "../support/docker-compose.ts";
import { PACKAGE_ROOT } from "../support/docker-installation.ts";

/** The README's example, rendered and started by Docker Compose alone, under a name and on a port of its own. */
const FLEET = `test-compose-${randomBytes(2).toString("hex")}`;
const CACHE = "/var/lib/ballast/.cache";
const root = mkdtempSync(join(tmpdir(), "ballast-compose-"));
const [folder, out, bare] = [join(root, "fleet.yaml"), join(root, "out"), join(root, "bare")];
let port: number;
let program: string;

function ballast(...words: readonly string[]) {
  return runCommand({ command: process.execPath, args: [join(PACKAGE_ROOT, "src/cli/main.ts"), ...words], timeoutSeconds: 120 });
}

function compose(project: string, ...words: readonly string[]) {
  return runCommand({ command: program, args: ["--project-directory", project, ...words], timeoutSeconds: 300 });
}

interface Service {
  readonly image: string;
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly volumes: readonly { readonly type: string; readonly source: string }[];
}

function servicesOf(project: string): Readonly<Record<string, Service>> {
  return (parse(readFileSync(join(project, "compose.yaml"), "utf8")) as { services: Record<string, Service> }).services;
}

beforeAll(async () => {
  program = await dockerCompose();
  port = await firstFree("127.0.0.1", 18_500);
  const listen = `metadata: { name: ${FLEET} }\nspec: { ingress: { listen: "127.0.0.1:${port}" } }`;
  const text = readFileSync(join(PACKAGE_ROOT, "examples/hello/fleet.yaml"), "utf8").replace("metadata: { name: hello }", listen);
  writeFileSync(folder, text);
  const loaded = loadFleet([{ path: "fleet.yaml", text }], { today: "2026-11-22" });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const imageStore = await openImageStore(dockerClient(), imagesFolder(PACKAGE_ROOT), CACHE);
  const references = imageStore.references(loaded.value);
  for (const name of ["postgres", "pgbouncer", "traefik", "odoo-19"]) {
    await imageStore.resolve(references[name] as string, () => undefined, new AbortController().signal);
  }
  const rendered = await ballast("render", folder, "--out", out, "--with-secrets");
  if (rendered.exitCode !== 0) throw new Error(rendered.tail.join("\n"));
});
afterAll(async () => {
  await compose(out, "down", "--volumes", "--timeout", "10");
  rmSync(root, { recursive: true, force: true });
});

test("Compose accepts the project, every service is hardened, and no secret stands in it", async () => {
  const checked = await compose(out, "config", "--quiet");
  expect([checked.exitCode, checked.tail]).toEqual([0, []]);
  const services = Object.values(servicesOf(out));
  expect(services.length).toBe(6);
  expect(services.filter((service) => !service.read_only || service.cap_drop[0] !== "ALL")).toEqual([]);
  const secrets = readdirSync(join(out, "secrets"));
  expect(secrets.length).toBe(10);
  const text = readFileSync(join(out, "compose.yaml"), "utf8") + readFileSync(join(out, "README.md"), "utf8");
  for (const name of secrets) {
    expect(statSync(join(out, "secrets", name)).mode & 0o777).toBe(0o600);
    expect(text).not.toContain(readFileSync(join(out, "secrets", name), "utf8").trim());
  }
});

test("without secrets the same project is written, and says which files somebody must provide", async () => {
  const rendered = await ballast("render", folder, "--out", bare, "--json");
  const answer = JSON.parse(rendered.stdout) as { written: string[]; toProvide: string[] };
  expect(answer.toProvide).toEqual(readdirSync(join(out, "secrets")).map((name) => `secrets/${name}`));
  expect(answer.written.filter((file) => file.startsWith("secrets/"))).toEqual([]);
  expect((await compose(bare, "config", "--quiet")).exitCode).toBe(0);
  const readme = readFileSync(join(bare, "README.md"), "utf8");
  expect(answer.toProvide.filter((file) => !readme.includes(`\`${file}\``))).toEqual([]);
});

test("secrets are never written over, since the databases know them", async () => {
  const again = await ballast("render", folder, "--out", out, "--with-secrets");
  expect([again.exitCode, again.tail[0]]).toEqual([1, expect.stringContaining("BAL-C016")]);
});

test("Compose brings PostgreSQL, its pooler and the ingress up healthy, with roles and databases prepared", async () => {
  const started = await compose(out, "up", "--detach", "--wait", "pool-everyone-pooler", "platform-here-ingress");
  expect([started.end, started.exitCode]).toEqual(["exited", 0]);
  const listed = await compose(out, "ps", "--all", "--format", "{{.Service}} {{.State}} {{.Health}} {{.ExitCode}}");
  expect(listed.stdout.trim().split("\n").sort()).toEqual([
    "platform-here-ingress running healthy 0",
    "pool-everyone-pooler running healthy 0",
    "pool-everyone-postgres running healthy 0",
    "pool-everyone-postgres-prepare exited  0",
  ]);
  const names = ["exec", "-T", "pool-everyone-postgres", "psql", "-At", "-c", "SELECT datname FROM pg_database ORDER BY 1"];
  expect((await compose(out, ...names)).stdout.trim().split("\n")).toEqual(["acme_production", "postgres", "template0", "template1"]);
  const ca = readFileSync(join(out, "secrets/platform-here-ingress.authority.pem"), "utf8");
  const host = `acme.${FLEET}.localhost`;
  // Odoo is not started here: an ingress that knows the route and finds nobody behind it says so. Older engines do not answer for a name that nobody has.
  const answer = await requestThrough({ address: "127.0.0.1", port, ca }, { host, path: "/web/health", seconds: 10 });
  expect([502, 504]).toContain(answer.status);
  const closed = await requestThrough({ address: "127.0.0.1", port, ca }, { host, path: "/web/database/manager", seconds: 10 });
  expect(closed.status).toBe(403);
});

test("a role never owns its database, and what was cut off while one was made is recreated, whatever was set on it", async () => {
  const ask = async (text: string, database = "postgres") => {
    const ran = await compose(out, "exec", "-T", "pool-everyone-postgres", "psql", "-At", "-d", database, "-c", text);
    return ran.stdout.trim().split("\n").join(" ");
  };
  const standing = async () => [
    await ask(
      "SELECT pg_get_userbyid(datdba), datacl::text !~ 'acme_production=[a-zA-Z]*C' FROM pg_database WHERE datname = 'acme_production'",
    ),
    await ask("SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'public'", "acme_production"),
    await ask("SELECT extname, extowner::regrole FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1", "acme_production"),
    await ask("SELECT (SELECT count(*) FROM pg_roles WHERE rolname LIKE '~%'), (SELECT count(*) FROM pg_database WHERE datname LIKE '~%')"),
  ];
  const sound = ["postgres|t", "acme_production", "pg_trgm|acme_production unaccent|acme_production", "0|0"];
  expect(await standing()).toEqual(sound);
  await ask("DROP DATABASE acme_production WITH (FORCE)");
  await ask('CREATE DATABASE "~new~acme_production" OWNER acme_production');
  await ask('ALTER DATABASE "~new~acme_production" IS_TEMPLATE true');
  await ask(`CREATE ROLE "~renew~left" LOGIN PASSWORD 'known' IN ROLE acme_production`);
  const prepared = await compose(out, "up", "--force-recreate", "--no-deps", "pool-everyone-postgres-prepare");
  expect([prepared.exitCode, await standing()]).toEqual([0, sound]);
});
