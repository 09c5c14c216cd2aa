import { type Answer, runProgram } from "./program.ts";

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

/** Takes away what an earlier version made; whether there was something. */
export async function removeFormerChains(instance: string): Promise<boolean> {
  const saved = await runProgram("iptables-save", ["--table", "filter"]);
  const removal = saved.ok ? formerRemoval(saved.text, instance) : undefined;
  if (removal === undefined) return false;
  const removed: Answer = await runProgram("iptables-restore", ["--noflush", "--wait", "10"], removal);
  return removed.ok;
}
