import type { DebianMirrors } from "./mirror.ts";
import type { Base, Source, Tree } from "./recipe.ts";

/** Files that are ready on this machine and go into the base. */
export interface BasePart {
  readonly kind: "tree" | "program";
  readonly file: string;
  readonly at: string;
  /** `name version` of a program; a tree brings its own list. */
  readonly note?: string;
}

export interface BootstrapPlan {
  readonly base: Base;
  readonly mirrors: DebianMirrors;
  readonly parts: readonly BasePart[];
  readonly target: string;
}

/** Where an unpacked tree lists its packages; read into `EXTRAS` of the whole image. */
const TREE_LIST = ".packages";
const EXTRAS = "usr/share/ballast/extras";

/** Removes what tells where packages came from: an image names no mirror. */
const FORGET_SOURCES = "rm -rf -- etc/apt/sources.list etc/apt/sources.list.d etc/apt/apt.conf.d/99mmdebstrap etc/resolv.conf etc/hostname";

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function hook(command: string): string {
  return `--customize-hook=${command}`;
}

/** A command that runs inside the root file system's folder (but with this machine's programs). */
function inRoot(command: string): string {
  return hook(`cd "$1" && ${command}`);
}

/** The `deb` lines of the sources; a machine without a security archive gets the release as it was published. */
export function sourceLines(sources: readonly Source[], mirrors: DebianMirrors): readonly string[] {
  return sources.flatMap((source) => {
    const address = source.archive === "main" ? mirrors.main : mirrors.security;
    return address === undefined ? [] : [`deb ${address} ${source.suite} main`];
  });
}

function extractHook(command: string): string {
  return `--extract-hook=cd "$1" && ${command}`;
}

function partHooks(part: BasePart): readonly string[] {
  const inside = part.at.slice(1);
  if (part.kind === "tree") {
    const list = `${inside}/${TREE_LIST}`;
    return [
      inRoot(`mkdir -p ${inside}`),
      hook(`tar-in ${quoted(part.file)} ${part.at}`),
      inRoot(`cat ${list} >> ${EXTRAS} && rm -rf -- ${list} ${inside}/etc/apt ${inside}/var`),
    ];
  }
  const note = part.note === undefined ? [] : [inRoot(`echo ${quoted(part.note)} >> ${EXTRAS}`)];
  return [hook(`upload ${quoted(part.file)} ${part.at}`), inRoot(`chmod 0755 ${inside}`), ...note];
}

function removal(paths: readonly string[]): readonly string[] {
  return paths.length === 0 ? [] : [inRoot(`rm -rf -- ${paths.join(" ")}`)];
}

function common(base: Pick<Base, "tolerateStaleIndex">): readonly string[] {
  return [
    "--format=tar",
    "--components=main",
    "--aptopt=Acquire::Retries 3",
    "--aptopt=Acquire::http::Timeout 60",
    ...(base.tolerateStaleIndex ? ['--aptopt=Acquire::Check-Valid-Until "false"'] : []),
  ];
}

/** The arguments of mmdebstrap that make a whole base. */
export function baseArguments({ base, mirrors, parts, target }: BootstrapPlan): readonly string[] {
  return [
    `--variant=${base.variant}`,
    ...common(base),
    ...(base.prefer === undefined ? [] : [`--aptopt=APT::Default-Release "${base.prefer}"`]),
    ...base.exclude.map((path) => `--dpkgopt=path-exclude=${path}`),
    // Licences stay, whatever else of the documentation goes.
    ...(base.exclude.length > 0 ? ["--dpkgopt=path-include=/usr/share/doc/*/copyright"] : []),
    `--include=${base.packages.join(",")}`,
    inRoot("mkdir -p usr/share/ballast"),
    ...parts.flatMap(partHooks),
    ...removal(base.remove),
    inRoot(FORGET_SOURCES),
    (base.sources[0] as Source).suite,
    target,
    ...sourceLines(base.sources, mirrors),
  ];
}

/** The arguments of mmdebstrap that unpack one tree; nothing in it is run, so it may come from any release. */
export function treeArguments(
  tree: Tree,
  mirrors: DebianMirrors,
  stale: Pick<Base, "tolerateStaleIndex">,
  target: string,
): readonly string[] {
  const list = `for deb in var/cache/apt/archives/*.deb; do dpkg-deb --show --showformat='\${Package} \${Version}\\n' "$deb"; done > ${TREE_LIST}`;
  return [
    "--variant=extract",
    ...common(stale),
    `--include=${tree.packages.join(",")}`,
    // Nothing is installed in a tree, so it never comes to the customize hooks.
    extractHook(list),
    ...(tree.remove.length === 0 ? [] : [extractHook(`rm -rf -- ${tree.remove.join(" ")}`)]),
    (tree.sources[0] as Source).suite,
    target,
    ...sourceLines(tree.sources, mirrors),
  ];
}

const NOWHERE: DebianMirrors = { main: "main", security: "security" };

/** All that decides what is in a base, whatever machine and mirror make it: the same packages come from every mirror. */
export function baseIdentity(base: Base): readonly string[] {
  const trees = base.trees.flatMap((tree) => [tree.at, ...treeIdentity(tree, base)]);
  const wheels = base.wheels.flatMap((wheel) => [wheel.at, wheel.package, wheel.version, wheel.script, JSON.stringify(wheel.sha256)]);
  const parts = base.trees.map((tree): BasePart => ({ kind: "tree", file: "", at: tree.at }));
  return [base.asOf, ...baseArguments({ base, mirrors: NOWHERE, parts, target: "" }), ...trees, ...wheels];
}

export function treeIdentity(tree: Tree, base: Base): readonly string[] {
  return [base.asOf, ...treeArguments(tree, NOWHERE, base, "")];
}
