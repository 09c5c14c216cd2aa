import type { Command } from "commander";
import type { CliContext } from "../port.ts";
import { registerApply } from "./apply.ts";
import { registerCalendar } from "./calendar.ts";
import { registerCompletion } from "./completion.ts";
import { registerDoctor } from "./doctor.ts";
import { registerDown } from "./down.ts";
import { registerExplain } from "./explain.ts";
import { registerGraph } from "./graph.ts";
import { registerInit } from "./init.ts";
import { registerJourney } from "./journey.ts";
import { registerLogs } from "./logs.ts";
import { registerOperations } from "./operations.ts";
import { registerPlan } from "./plan.ts";
import { registerRender } from "./render.ts";
import { registerRotate } from "./rotate.ts";
import { registerSbom } from "./sbom.ts";
import { registerSchema } from "./schema.ts";
import { registerServer } from "./server.ts";
import { registerService } from "./service.ts";
import { registerStatus } from "./status.ts";
import { registerUp } from "./up.ts";
import { registerValidate } from "./validate.ts";
import { registerWhy } from "./why.ts";

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
