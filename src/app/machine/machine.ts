import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { engineCall } from "../../engines/docker/call.ts";
import { loadRecipes } from "../../engines/docker/images/recipe.ts";
import { imageReference } from "../../engines/docker/images/reference.ts";
import type { LocalImage } from "../../engines/docker/images/superseded.ts";
import { diagnose, type DoctorFinding as EngineFinding, installSteps } from "../../engines/docker/machine/doctor.ts";
import { gatherFacts, type MachineFacts } from "../../engines/docker/machine/facts.ts";
import { install } from "../../engines/docker/machine/install.ts";
import { readSurroundings, stateHome } from "../installation/installation.ts";
import { refuseUnseen } from "../installation/unseen-homes.ts";
import { prunable, prune } from "../operations/prune.ts";
import { thisService } from "../service/service.ts";
import { doctorPage } from "./doctor-page.ts";
import { dockerClient, imagesFolder } from "./machine-engine.ts";

interface Finding {
  readonly id: string;
  readonly state: "ok" | "missing" | "refused" | "warning";
  readonly text: string;
  readonly remedy?: string;
  readonly installable?: boolean;
}

interface Needs {
  readonly images: "packages" | "registry";
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

interface SupersededImage {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
}

function shownImage({ id, names, bytes }: LocalImage): SupersededImage {
  return { id, name: names.join(", ") || id.slice(0, 19), bytes };
}

const OLDEST_NODE = 24;
const DOCKER_FOLDER = "/var/lib/docker";

/** This machine, as the doctor judges it and as Ballast may repair it. */
export function thisMachine(env: NodeJS.ProcessEnv, packageRoot: string, main: string) {
  const around = readSurroundings(env);
  const home = stateHome(around);
  const docker = dockerClient();
  async function pruneParts() {
    const recipes = await loadRecipes(imagesFolder(packageRoot));
    return { docker, home, references: recipes.map((recipe) => imageReference(recipe)) };
  }
  let judged: readonly EngineFinding[] = [];
  let facts: MachineFacts | undefined;
  return {
    async examine(needs: Needs): Promise<readonly Finding[]> {
      facts = await gatherFacts(docker, [home, DOCKER_FOLDER]);
      const free = [
        { folder: home, bytes: needs.diskBytes / 2, for: "state and templates" },
        { folder: DOCKER_FOLDER, bytes: needs.diskBytes / 2, for: "images and volumes" },
      ];
      judged = diagnose(facts, { images: needs.images, memoryBytes: needs.memoryBytes, free });
      const asShown = judged.map(({ install: steps, ...finding }) => ({
        ...finding,
        ...(steps === undefined ? {} : { installable: true }),
      }));
      return [...asShown, nodeFinding(process.versions.node), userFinding(facts.uid), placeFinding(packageRoot, facts.uid)];
    },
    async page(): Promise<readonly Finding[]> {
      return await doctorPage({
        docker,
        around,
        superseded: async () => await prunable(await pruneParts()),
        service: (fleet) => thisService(env, main).of(fleet),
      });
    },
    async superseded(): Promise<readonly SupersededImage[]> {
      refuseUnseen(around);
      const { images } = await engineCall("images", async () => await prunable(await pruneParts()));
      return images.map(shownImage);
    },
    async prune(ids: readonly string[]): Promise<readonly SupersededImage[]> {
      refuseUnseen(around);
      return (await prune(await pruneParts(), ids)).map(shownImage);
    },
    async install(ids: readonly string[], onLine: (line: string) => void): Promise<void> {
      const steps = installSteps(judged.filter((finding) => ids.includes(finding.id)));
      if (facts === undefined || steps.length === 0) return;
      await install({ steps, docker, systemd: facts.systemd, dockerLog: join(home, "dockerd.log"), onLine });
    },
  };
}

function nodeFinding(version: string): Finding {
  if (Number(version.split(".")[0]) >= OLDEST_NODE) return { id: "node", state: "ok", text: `Node ${version}` };
  return {
    id: "node",
    state: "refused",
    text: `Node ${version}; ${OLDEST_NODE} or newer is needed`,
    remedy: "start Ballast by ./ballast, which brings its own",
  };
}

/** Secrets are files that only the containers' own user may read: handing them over takes root. */
function userFinding(uid: number): Finding {
  if (uid === 0) return { id: "user", state: "ok", text: "root" };
  return {
    id: "user",
    state: "refused",
    text: `user ${uid} cannot hand secrets to containers as files of their own`,
    remedy: "run Ballast as root: sudo ./ballast …",
  };
}

/** The store's PostgreSQL does not run as root, so its program must lie where others may go. */
function placeFinding(packageRoot: string, uid: number): Finding {
  const closed = uid === 0 ? closedParent(packageRoot) : undefined;
  if (closed === undefined) return { id: "place", state: "ok", text: packageRoot };
  return {
    id: "place",
    state: "refused",
    text: `others may not enter ${closed}, and the store does not run as root`,
    remedy: `move Ballast elsewhere, or: chmod o+x ${closed}`,
  };
}

function closedParent(folder: string): string | undefined {
  for (let at = folder; at !== dirname(at); at = dirname(at)) if ((statSync(at).mode & 0o001) === 0) return at;
  return undefined;
}
