import { STORE_CODES } from "../../adapters/store/codes.ts";
import { API_CODES } from "../../api/codes.ts";
import { CLI_CODES } from "../../cli/codes.ts";
import { BLUEPRINT_CODES } from "../../domain/blueprint/codes.ts";
import { FLEET_CODES } from "../../domain/fleet/codes.ts";
import { POLICY_CODES } from "../../domain/policy/codes.ts";
import { ENGINE_CODES } from "../../engines/codes.ts";
import { IMAGE_CODES } from "../../engines/docker/images/codes.ts";
import { MACHINE_CODES } from "../../engines/docker/machine/codes.ts";
import type { CodeTable } from "../../kernel/problem.ts";
import { WORKFLOW_CODES } from "../../workflows/codes.ts";

/** Every table of problem codes, in the order of the reference. A test fails when a `codes.ts` of the source is missing here. */
export const CODE_TABLES: readonly CodeTable[] = [
  { title: "The fleet language", codes: FLEET_CODES },
  { title: "What this version cannot make real", codes: BLUEPRINT_CODES },
  { title: "Guardrails", codes: POLICY_CODES },
  { title: "The command line", codes: CLI_CODES },
  { title: "The HTTP API", codes: API_CODES },
  { title: "Operations", codes: WORKFLOW_CODES },
  { title: "The engine", codes: ENGINE_CODES },
  { title: "Images", codes: IMAGE_CODES },
  { title: "Preparing a machine", codes: MACHINE_CODES },
  { title: "The store of the control plane", codes: STORE_CODES },
];
