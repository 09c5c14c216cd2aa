import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Answer, type Door, type Question, requestThrough } from "../../src/adapters/http/through.ts";
import { type Installation, installationOf, readSurroundings } from "../../src/app/installation/installation.ts";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import { PACKAGE_ROOT } from "./docker-installation.ts";

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Asked {
  readonly status: number;
  readonly body: string;
  /** `session_id=…`, if the answer set one. */
  readonly session: string;
  readonly location: string;
}

export interface AskMore {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object;
  /** How long an answer may take; 60 when nothing is said. */
  readonly seconds?: number;
}

/** A fleet with a name of its own, brought up by the launcher as a user would, and looked at from outside. Environments are named `acme/staging`; `acme` is its production. */
export interface LaunchedFleet {
  readonly name: string;
  readonly folder: string;
  readonly installation: Installation;
  readonly ballast: (...args: readonly string[]) => Promise<Ran>;
  /** Writes the fleet file. */
  readonly declare: (text: string) => void;
  readonly host: (environment: string) => string;
  /** The way in, for what is not a question with an answer. */
  readonly entrance: (environment: string) => Door;
  /** The first password of an environment's administrator. */
  readonly password: (environment: string) => string;
  /** One request to an environment through the ingress. */
  readonly ask: (environment: string, path: string, more?: AskMore) => Promise<Asked>;
  readonly signIn: (environment: string, password: string, database?: string) => Promise<Asked>;
  /** True when its first administrator can sign in. */
  readonly isServed: (environment: string) => Promise<boolean>;
  /** Deletes the fleet with its data, whatever state the test left it in. */
  readonly remove: () => Promise<void>;
}

function run(command: readonly string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command[0] as string, command.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

/** Waits for a command that must end with exit code 0. Where it does not, the error is everything that it printed: the problems of the operation are the reason. */
export async function endsWell(command: Promise<Ran>): Promise<Ran> {
  const ran = await command;
  if (ran.code === 0) return ran;
  throw new Error(`ended with exit code ${ran.code}\n${ran.out}\n${ran.err}`);
}

/** `acme` is its production. */
export function addressOf(environment: string): string {
  return environment.includes("/") ? environment : `${environment}/production`;
}

export function databaseOf(environment: string): string {
  return addressOf(environment).replaceAll(/[-/]/g, "_");
}

/** @param inside words before every command, where the fleet is to live elsewhere than beside this process: see own-engine.ts. */
export function launchedFleet(topic: string, inside: readonly string[] = []): LaunchedFleet {
  const name = `test-${topic}-${randomBytes(2).toString("hex")}`;
  const folder = mkdtempSync(join(tmpdir(), `ballast-${topic}-`));
  const installation = installationOf(readSurroundings(process.env), name);

  const ballast = (...args: readonly string[]) => run([...inside, join(PACKAGE_ROOT, "ballast"), ...args]);

  function door(environment: string): { host: string; port: number; password: string } {
    const lines = readFileSync(installation.credentialsFile, "utf8").split("\n");
    const line = lines.find((one) => one.startsWith(`${addressOf(environment)} `)) ?? "";
    const [, url, , password] = line.split(/\s+/) as [string, string, string, string];
    return { host: new URL(url).hostname, port: Number(new URL(url).port), password };
  }
  function entrance(environment: string): Door {
    return { address: "127.0.0.1", port: door(environment).port, ca: readFileSync(join(installation.root, "ca.pem"), "utf8") };
  }
  async function ask(environment: string, path: string, more: AskMore = {}): Promise<Asked> {
    const { host } = door(environment);
    const body = more.body === undefined ? {} : { method: "POST" as const, body: JSON.stringify(more.body) };
    // Odoo 14 takes a page for a call when the type says so.
    const headers = { ...(more.body === undefined ? {} : { "content-type": "application/json" }), ...more.headers };
    const answer = await through(entrance(environment), { host, path, headers, seconds: more.seconds ?? 60, ...body });
    const session = /session_id=[^;,]+/.exec(String(answer.headers["set-cookie"] ?? ""))?.[0] ?? "";
    return { status: answer.status, body: answer.body, session, location: String(answer.headers["location"] ?? "") };
  }
  async function through(way: Door, request: Question): Promise<Answer> {
    if (inside.length === 0) return await requestThrough(way, request);
    const program = join(PACKAGE_ROOT, "test/support/ask-inside.ts");
    // An argument is too short for a file that somebody sends.
    const question = join(tmpdir(), `${name}-${randomBytes(4).toString("hex")}.json`);
    writeFileSync(question, JSON.stringify({ door: way, request }), { mode: 0o600 });
    const { code, out, err } = await run([...inside, process.execPath, program, question]);
    rmSync(question);
    if (code !== 0) throw new Error(err);
    return JSON.parse(out) as Answer;
  }
  function signIn(environment: string, password: string, database = databaseOf(environment)): Promise<Asked> {
    const params = { db: database, login: "admin", password };
    return ask(environment, "/web/session/authenticate", { body: { jsonrpc: "2.0", method: "call", params } });
  }
  return {
    name,
    folder,
    installation,
    ballast,
    declare: (text) => writeFileSync(join(folder, "fleet.yaml"), text),
    host: (environment) => door(environment).host,
    entrance,
    password: (environment) => door(environment).password,
    ask,
    signIn,
    isServed: async (environment) => {
      const { body } = await signIn(environment, door(environment).password);
      return (JSON.parse(body) as { result?: { username?: string } }).result?.username === "admin";
    },
    async remove() {
      if (existsSync(installation.root)) await ballast("down", folder, "--delete-data", "--confirm", name);
      rmSync(folder, { recursive: true, force: true });
      // Jobs bear no node: nothing that looks at a fleet sees them.
      const filters = { label: [`ballast.fleet=${name}`, "ballast.job"] };
      const left = await dockerClient().listContainers({ all: true, filters });
      if (left.length > 0) throw new Error(`jobs of ${name} are left: ${left.map((one) => one.Names[0]).join(", ")}`);
    },
  };
}
