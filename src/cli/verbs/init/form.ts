import type { Command } from "commander";
import { performs } from "../../operations/perform.ts";
import type { CliContext } from "../../port.ts";
import { verb } from "../../verb.ts";
import type { InitOptions } from "./run.ts";

export function registerInit(program: Command, context: CliContext): void {
  verb(program, {
    usage: "init [FOLDER]",
    summary: "Writes a small fleet to start from, with comments",
    examples: ["ballast init nordwind --country DE --tenants hamburg,bremen"],
    fleet: false,
  })
    .option("--name <name>", "name of the fleet; that of the folder when not given")
    .option("--tenants <names>", "companies or branches, with commas between them")
    .option("--country <code>", "country whose law and holidays apply, ISO 3166")
    .option("--zone <zone>", "time zone of the business, such as Europe/Berlin")
    .option("--domain <domain>", "domain of all host names; NAME.localhost when not given")
    .option("--series <series>", "Odoo series", "19.0")
    .option("--hosting <hosting>", "shared or isolated", "shared")
    .option("--force", "write over the fleet.yaml that is there")
    .action(
      performs<InitOptions, "init">(context, {
        verb: "init",
        load: async () => (await import("./run.ts")).init,
      }),
    );
}
