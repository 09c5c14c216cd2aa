import type { Command } from "commander";
import { performs } from "../../operations/perform.ts";
import type { CliContext } from "../../port.ts";
import { verb } from "../../verb.ts";
import type { SbomOptions } from "./run.ts";

export function registerSbom(program: Command, context: CliContext): void {
  verb(program, {
    usage: "sbom [IMAGE]",
    summary: "Lists what is inside the images, as CycloneDX",
    examples: ["ballast sbom odoo-19", "ballast sbom --out boms"],
    fleet: false,
  })
    .option("--out <folder>", "writes one file an image instead of printing")
    .action(
      performs<SbomOptions, "sbom">(context, {
        verb: "sbom",
        load: async () => (await import("./run.ts")).sbom,
      }),
    );
}
