import type { Command } from "commander";
import type { CliContext } from "../port.ts";
import { registerApply } from "./apply/form.ts";
import { registerCalendar } from "./calendar/form.ts";
import { registerCompletion } from "./completion/form.ts";
import { registerDoctor } from "./doctor/form.ts";
import { registerDown } from "./down/form.ts";
import { registerExplain } from "./explain/form.ts";
import { registerGraph } from "./graph/form.ts";
import { registerInit } from "./init/form.ts";
import { registerJourney } from "./journey/form.ts";
import { registerLogs } from "./logs/form.ts";
import { registerOperations } from "./operations/form.ts";
import { registerPlan } from "./plan/form.ts";
import { registerRender } from "./render/form.ts";
import { registerRotate } from "./rotate/form.ts";
import { registerSbom } from "./sbom/form.ts";
import { registerSchema } from "./schema/form.ts";
import { registerServer } from "./server/form.ts";
import { registerService } from "./service/form.ts";
import { registerStatus } from "./status/form.ts";
import { registerUp } from "./up/form.ts";
import { registerValidate } from "./validate/form.ts";
import { registerWhy } from "./why/form.ts";

/** Every verb, in the order in which help lists them. */
export const COMMANDS: readonly ((program: Command, context: CliContext) => void)[] = [
  registerInit,
  registerUp,
  registerStatus,
  registerPlan,
  registerApply,
  registerValidate,
  registerExplain,
  registerWhy,
  registerGraph,
  registerCalendar,
  registerLogs,
  registerOperations,
  registerJourney,
  registerRotate,
  registerDown,
  registerDoctor,
  registerServer,
  registerService,
  registerRender,
  registerSchema,
  registerSbom,
  registerCompletion,
];
