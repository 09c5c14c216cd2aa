/**
 * Says which known vulnerabilities the npm packages have, as the registry's advisories tell: `npm run audit`. Fails on high and critical ones in what is
 * shipped. Where no advisories can be had it says *unknown*, and that nothing is known is no verdict: it neither passes for clean nor fails the run.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const GRAVE = ["high", "critical"];
const SECONDS = 120;

interface Advisory {
  readonly name: string;
  readonly severity: string;
  readonly range: string;
  readonly via: readonly (string | { readonly title: string; readonly url: string })[];
}

interface Report {
  readonly vulnerabilities?: Readonly<Record<string, Advisory>>;
  readonly metadata?: { readonly dependencies: { readonly total: number } };
  readonly message?: string;
}

function ask(shippedOnly: boolean): Report {
  const words = ["audit", "--json", ...(shippedOnly ? ["--omit=dev"] : [])];
  const asked = spawnSync("npm", words, { cwd: ROOT, encoding: "utf8", timeout: SECONDS * 1000, maxBuffer: 64 * 1024 ** 2 });
  try {
    return JSON.parse(asked.stdout) as Report;
  } catch {
    return { message: asked.error?.message ?? asked.stderr.split("\n")[0] ?? "npm gave no answer" };
  }
}

function told({ name, severity, range, via }: Advisory): string {
  const titles = via.flatMap((one) => (typeof one === "string" ? [] : [`${one.title} ${one.url}`]));
  return `  ${severity.padEnd(9)} ${name} ${range}  ${titles.join("; ")}`;
}

const all = ask(false);
if (all.vulnerabilities === undefined) {
  console.log(
    `known vulnerabilities of npm packages: unknown, the advisories could not be had (${(all.message ?? "").replace(/ - .*$/s, "").slice(0, 120)})`,
  );
  process.exit(0);
}
const found = Object.values(all.vulnerabilities);
const shipped = Object.values(ask(true).vulnerabilities ?? {});
const grave = shipped.filter((one) => GRAVE.includes(one.severity));
console.log(
  `known vulnerabilities of npm packages: ${found.length} in ${all.metadata?.dependencies.total ?? "?"}, ${shipped.length} of them in what is shipped`,
);
for (const one of found) console.log(told(one));
process.exit(grave.length === 0 ? 0 : 1);
