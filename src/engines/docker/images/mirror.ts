/** The addresses that Debian packages come from on this machine. Found, never written down: they differ from site to site. */
export interface DebianMirrors {
  readonly main: string;
  readonly security?: string;
}

/** Arguments of apt-get whose output `pickMirrors` reads: the label of the archive, then its address. */
export const INDEX_TARGETS = ["indextargets", "--format", "$(LABEL) $(REPO_URI)"] as const;

type Archive = "main" | "security";

/** By the label that the archive gives itself; where apt knows none (its lists were never fetched), by the usual end of the path. */
function archiveOf(label: string, uri: string): Archive | undefined {
  if (label === "Debian") return "main";
  if (label === "Debian-Security") return "security";
  if (label !== "") return undefined;
  if (/\/debian-security\/?$/.test(uri)) return "security";
  return /\/debian\/?$/.test(uri) ? "main" : undefined;
}

/** Picks the mirrors from the output of `apt-get indextargets`; undefined on a machine whose sources are not Debian's. */
export function pickMirrors(indexTargets: string): DebianMirrors | undefined {
  const found: Record<Archive, Set<string>> = { main: new Set(), security: new Set() };
  for (const line of indexTargets.split("\n")) {
    const words = line.trim().split(/\s+/);
    const uri = words.pop() ?? "";
    if (!/^https?:\/\/[^'"\\$`]+$/.test(uri)) continue;
    const archive = archiveOf(words.join(" "), uri);
    if (archive !== undefined) found[archive].add(uri.endsWith("/") ? uri : `${uri}/`);
  }
  const [main] = [...found.main].sort();
  const [security] = [...found.security].sort();
  if (main === undefined) return undefined;
  return security === undefined ? { main } : { main, security };
}
