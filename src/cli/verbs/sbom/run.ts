import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { failure } from "../../../kernel/problem.ts";
import { EXIT } from "../../exit.ts";
import type { ImageSbom } from "../../port.ts";
import type { Invocation, Outcome } from "../../terminal/outcome.ts";

export interface SbomOptions {
  readonly out?: string;
}

/** An image that is not here has no list yet: that is said, and not left out. */
export async function sbom({ context, options, words }: Invocation<SbomOptions>): Promise<Outcome<"sbom">> {
  const all = await context.ports.sboms();
  const [wanted] = words;
  const chosen = wanted === undefined ? all : all.filter((one) => one.image === wanted);
  if (chosen.length === 0)
    throw failure("BAL-C001", "sbom", `there is no image named ${wanted ?? ""}; one of: ${all.map((one) => one.image).join(", ")}`);
  const missing = chosen.filter((one) => one.document === undefined).map((one) => one.image);
  const there = chosen.filter((one) => one.document !== undefined);
  const text = options.out === undefined ? printed(there, wanted) : written(there, resolve(context.cwd, options.out));
  const images = chosen.map(({ image, document }) => ({ image, ...(document === undefined ? {} : { document }) }));
  const note =
    missing.length === 0
      ? ""
      : `${text === "" ? "" : "\n"}not built on this machine yet, so it cannot be determined: ${missing.join(", ")}`;
  return {
    exit: there.length === 0 ? EXIT.unknown : EXIT.done,
    text: wanted !== undefined && there.length > 0 ? text : text + note,
    data: { images },
  };
}

/** One image alone is printed whole, so that it can be piped; all of them as a table. */
function printed(images: readonly ImageSbom[], wanted: string | undefined): string {
  if (wanted !== undefined) return images.map((one) => JSON.stringify(one.document, undefined, 2)).join("\n");
  return images
    .map(({ image, document }) => `${image.padEnd(12)} ${String(document?.components.length).padStart(4)} components`)
    .join("\n");
}

function written(images: readonly ImageSbom[], folder: string): string {
  mkdirSync(folder, { recursive: true });
  return images
    .map(({ image, document }) => {
      const file = join(folder, `${image}.cdx.json`);
      writeFileSync(file, `${JSON.stringify(document, undefined, 2)}\n`);
      return file;
    })
    .join("\n");
}
