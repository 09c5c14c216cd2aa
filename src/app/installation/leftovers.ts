import type Dockerode from "dockerode";
import type { PageFinding } from "../machine/doctor-fleet.ts";

/** Objects on this machine that carry Ballast's labels and an instance that no installation here has. They are told, and never touched. */
export async function leftovers(docker: Dockerode, home: string, known: ReadonlySet<string>): Promise<readonly PageFinding[]> {
  const filters = { label: ["ballast.instance"] };
  const [containers, networks, { Volumes: volumes }] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters }),
  ]);
  const labels = [...containers, ...networks, ...(volumes ?? [])].map((one) => one.Labels ?? {});
  const strangers = labels.filter((one) => !known.has(one["ballast.instance"] ?? ""));
  return [...Map.groupBy(strangers, (one) => one["ballast.instance"] ?? "")].map(([instance, own]) => ({
    id: "leftovers",
    state: "warning",
    text: `${own.length} objects of a fleet ${own[0]?.["ballast.fleet"] ?? "of an unknown name"}, instance ${instance}, which no installation below ${home} is; they are left alone`,
    remedy: `if nobody needs them, remove them and what they hold: docker ps, network ls and volume ls with --filter label=ballast.instance=${instance}`,
  }));
}
