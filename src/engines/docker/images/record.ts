import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import type Dockerode from "dockerode";
import { z } from "zod";
import { entriesOf } from "../container/tar-entries.ts";
import { engineProblem } from "./engine-call.ts";
import { type Making, problem } from "./making.ts";

/** Written by `shared/prepare.sh` while the image is built. */
const INSIDE = "/usr/share/ballast/packages.json";
const Packages = z.record(z.string(), z.string());

export interface ImageRecord {
  readonly reference: string;
  readonly imageId: string;
  readonly recipeHash: string;
  readonly bytes: number;
  /** Name → version of everything installed: Debian packages, unpacked trees, wheels. */
  readonly packages: Readonly<Record<string, string>>;
}

/** The archive is read to its end first: a stream left half read would hold its connection, and with it the process, open. */
async function firstFile(archive: NodeJS.ReadableStream): Promise<string> {
  const whole = Readable.from(await buffer(archive));
  for await (const entry of entriesOf(whole)) return await text(entry);
  return "";
}

/** Reading takes a second: what is older was left by a process that was killed while it read. */
const FORGOTTEN_SECONDS = 120;

async function removeForgotten(docker: Dockerode): Promise<void> {
  const readers = await docker.listContainers({ all: true, filters: { label: ["ballast.purpose=read-image"] } });
  const before = Date.now() / 1000 - FORGOTTEN_SECONDS;
  for (const reader of readers.filter((one) => one.Created < before)) {
    await docker
      .getContainer(reader.Id)
      .remove({ force: true, v: true })
      .catch(() => undefined);
  }
}

/** Reads what an image says is inside it: from a container that is made and never started. */
export async function readPackages(docker: Dockerode, imageId: string, making: Making): Promise<Readonly<Record<string, string>>> {
  let content: string;
  try {
    await removeForgotten(docker);
    const container = await docker.createContainer({
      Image: imageId,
      Entrypoint: ["/none"],
      NetworkDisabled: true,
      Labels: { "ballast.purpose": "read-image" },
    });
    try {
      content = await firstFile(await container.getArchive({ path: INSIDE }));
    } finally {
      await container.remove({ force: true, v: true });
    }
  } catch (error) {
    throw engineProblem(making, "BAL-I014", `reading ${INSIDE} of ${imageId}`, error);
  }
  const parsed = Packages.safeParse(JSON.parse(content === "" ? "null" : content));
  if (parsed.success && Object.keys(parsed.data).length > 0) return parsed.data;
  throw problem("BAL-I014", making.image, `${INSIDE} of ${imageId} holds no list of packages`, {
    hint: `Remove the image (docker rmi ${imageId}) and run the same command again.`,
  });
}
