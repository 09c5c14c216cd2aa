import { spawn } from "node:child_process";

export type Answer = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly because: string };

const SECONDS = 20;

/** Runs one of the machine's own programs for its firewall. Never rejects, always ends. */
export function runProgram(command: string, args: readonly string[], input = ""): Promise<Answer> {
  return new Promise((resolve) => {
    // Where root's path ends without them, the programs are still there.
    const env = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`, LC_ALL: "C" };
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], timeout: SECONDS * 1000, env });
    let text = "";
    let words = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (words += chunk));
    child.once("error", (error: NodeJS.ErrnoException) => {
      resolve({ ok: false, because: error.code === "ENOENT" ? `${command} is not on this machine` : `${command}: ${error.message}` });
    });
    child.once("close", (code) => {
      if (code === 0) resolve({ ok: true, text });
      else resolve({ ok: false, because: `${command} ended with ${code ?? "a signal"}: ${words.trim().split("\n")[0] ?? ""}` });
    });
    // A program that ends early does not read to the end.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}
