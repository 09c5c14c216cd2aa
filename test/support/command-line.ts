import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ControlPlane } from "../../src/api/port.ts";
import { buildApi } from "../../src/api/server.ts";
import { memoryPlane } from "./memory-plane.ts";

const ROOT = join(import.meta.dirname, "..", "..");

interface Ran {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

/** The real command line beside a control plane of the fleet `hello` over a simulated machine. */
export interface CommandLine {
  /** The folder with the installation of `hello`. */
  readonly home: string;
  /** A folder without any installation. */
  readonly empty: string;
  run(words: readonly string[], home?: string): Promise<Ran>;
  close(): Promise<void>;
}

/** @param more takes the place of what the simulated control plane would answer. */
export async function commandLine(more: Partial<ControlPlane> = {}): Promise<CommandLine> {
  const [home, empty] = [mkdtempSync(join(tmpdir(), "ballast-line-")), mkdtempSync(join(tmpdir(), "ballast-line-empty-"))];
  const token = "a-token-of-this-test";
  const api = await buildApi({
    plane: { ...memoryPlane(() => undefined, process.pid), ...more },
    token: () => token,
    version: "0.1.0",
    onFault: () => undefined,
    limits: { all: 64, strangers: 16, streams: 16 },
  });
  const url = await api.listen({ host: "127.0.0.1", port: 0 });
  mkdirSync(join(home, "hello"));
  writeFileSync(join(home, "hello", "api.token"), `${token}\n`, { mode: 0o600 });
  writeFileSync(join(home, "hello", "server.json"), JSON.stringify({ pid: process.pid, url, version: "0.1.0" }));
  return {
    home,
    empty,
    run(words, state = home) {
      const env = { PATH: process.env["PATH"] ?? "", HOME: home, BALLAST_STATE_HOME: state };
      const child = spawn(process.execPath, [join(ROOT, "src/cli/main.ts"), ...words], {
        cwd: ROOT,
        env,
        stdio: ["ignore", "pipe", "pipe"],
      });
      return new Promise((resolve) => {
        let [out, err] = ["", ""];
        child.stdout.on("data", (piece: Buffer) => {
          out += piece.toString();
        });
        child.stderr.on("data", (piece: Buffer) => {
          err += piece.toString();
        });
        child.on("close", (exit) => resolve({ exit, out, err }));
      });
    },
    async close() {
      await api.close();
      for (const folder of [home, empty]) rmSync(folder, { recursive: true, force: true });
    },
  };
}
