import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testServer } from "./embedded-server.ts";

const ROOT = join(import.meta.dirname, "..", "..");

interface Said {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

export type SimulatedHome = Awaited<ReturnType<typeof simulatedHome>>;

/** The real command line in a folder of its own, beside a control plane process of the fleet `hello` over a simulated machine. */
export async function simulatedHome(name: string) {
  const around = mkdtempSync(join(tmpdir(), `ballast-${name}-`));
  const home = join(around, "state");
  const installation = join(home, "hello");
  mkdirSync(home);
  const server = await testServer();
  const store = await server.database(name);
  /** Every operation that a command named, whatever it came to. */
  const named = new Set<string>();
  const kill = (): number => {
    const { pid } = JSON.parse(readFileSync(join(installation, "server.json"), "utf8")) as { pid: number };
    process.kill(pid, "SIGKILL");
    return pid;
  };
  /** Starts a command, of which what it has said so far can be read. */
  function begin(line: string, program = "test/support/simulated-line.ts"): { readonly ended: Promise<Said>; readonly err: () => string } {
    const env = {
      PATH: process.env["PATH"] ?? "",
      HOME: around,
      BALLAST_STATE_HOME: home,
      BALLAST_DATABASE_URL: store,
      BALLAST_ACTOR: "anna",
    };
    const child = spawn(process.execPath, [join(ROOT, program), ...line.split(" ")], {
      cwd: around,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said = { out: "", err: "" };
    for (const [stream, from] of [["out", child.stdout] as const, ["err", child.stderr] as const])
      from.on("data", (piece: Buffer) => {
        said[stream] += piece.toString();
      });
    // Only what matters of the width of columns: that there is a space.
    const words = (text: string) => text.replace(/\s+/g, " ").trim();
    const ended = new Promise<Said>((resolve) =>
      child.on("close", (exit) => {
        for (const [id] of `${said.out} ${said.err}`.matchAll(/\bop-[0-9a-z]+-[0-9a-z]+\b/g)) named.add(id);
        resolve({ exit, out: words(said.out), err: words(said.err) });
      }),
    );
    return { ended, err: () => said.err };
  }
  return {
    around,
    installation,
    /** Whatever was refused: an operation that was named is one that can be shown. To be asked after each test. */
    async assertNamesLead(): Promise<void> {
      const ids = [...named];
      const shown = await Promise.all(ids.map((id) => begin(`operations ${id} --fleet fleet`).ended));
      named.clear();
      const strange = ids.filter((id, index) => shown[index]?.exit !== 0 || !shown[index].out.includes(id));
      if (strange.length > 0) throw new Error(`named, and not to be shown: ${strange.join(", ")}`);
    },
    /** Writes the fleet of a folder. */
    write: (folder: string, text: string): void => {
      mkdirSync(join(around, folder), { recursive: true });
      writeFileSync(join(around, folder, "fleet.yaml"), text);
    },
    /** @param program the command line over a simulated machine, where nothing else is named. */
    run: (line: string, program?: string): Promise<Said> => begin(line, program).ended,
    begin,
    /** What the machine has, one object a line. */
    world(): string {
      const { objects } = JSON.parse(readFileSync(join(installation, "world.json"), "utf8")) as {
        objects: readonly (readonly [string, { readonly condition: string }])[];
      };
      return objects
        .map(([id, { condition }]) => `${id} ${condition}`)
        .sort()
        .join("\n");
    },
    /** Changes of these nodes wait until they are let go. */
    hang: (...nodes: readonly string[]) => writeFileSync(join(installation, "hanging"), nodes.join("\n")),
    release: () => rmSync(join(installation, "hanging"), { force: true }),
    /** Ends the control plane, and says which process it was. */
    kill,
    close: async (): Promise<void> => {
      try {
        if (existsSync(join(installation, "server.json"))) kill();
      } catch (error) {
        // One that was killed before left its address.
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
      await server.stop();
      rmSync(around, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}
