import type { Environment, LoadedFleet } from "../fleet/model.ts";
import type { SourceRef, StackId } from "../stack/node.ts";
import type { CompileContext } from "./context.ts";
import type { ProcessGroup } from "./process-groups.ts";

/** Everything that the parts of one environment's stack are made from. */
export interface EnvironmentPlan {
  readonly loaded: LoadedFleet;
  readonly environment: Environment;
  readonly context: CompileContext;
  readonly from: readonly SourceRef[];
  readonly id: StackId;
  /** Name of the database, its role, its Redis user. */
  readonly database: string;
  /** The stack whose servers it uses: its pool's, or its own. */
  readonly servers: StackId;
  readonly groups: readonly ProcessGroup[];
  /** An ephemeral clone beside the environment. */
  readonly clone: boolean;
}
