import { runProgram } from "./program.ts";

/** The chains that earlier versions made by iptables, and the chains that asked them. */
const FORMER = { IN: "INPUT", FWD: "DOCKER-USER", OUT: "OUTPUT" } as const;

/** What takes the chains of an earlier version away, for `iptables-restore --noflush`; undefined where there are none. */
export function formerRemoval(saved: string, instance: string): string | undefined {
  const lines = Object.entries(FORMER).flatMap(([part, hook]) => {
    const chain = `BALLAST-${instance}-${part}`;
    if (!saved.includes(`\n:${chain} `)) return [];
    const hooks = saved.split("\n").filter((line) => line === `-A ${hook} -j ${chain}`);
    return [...hooks.map((line) => line.replace("-A", "-D")), `-F ${chain}`, `-X ${chain}`];
  });
  return lines.length === 0 ? undefined : ["*filter", ...lines, "COMMIT", ""].join("\n");
}

/**
 * Takes away what an earlier version made, once for each installation: what could not be seen or taken away is tried again the next time. Tells whether
 * there was something.
 */
export function formerChains(run: typeof runProgram = runProgram) {
  const gone = new Set<string>();
  return {
    async remove(instance: string): Promise<boolean> {
      if (gone.has(instance)) return false;
      const saved = await run("iptables-save", ["--table", "filter"]);
      if (!saved.ok) return false;
      const removal = formerRemoval(saved.text, instance);
      const removed = removal === undefined || (await run("iptables-restore", ["--noflush", "--wait", "10"], removal)).ok;
      if (removed) gone.add(instance);
      return removed && removal !== undefined;
    },
  };
}
