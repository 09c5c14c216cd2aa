import type { StartOperation } from "../../api/contract/contract.ts";
import type { Actor } from "../../domain/admission/admit.ts";
import type { ApplyRequest } from "../../workflows/apply/workflow.ts";
import { rotate } from "../secrets/rotate.ts";
import type { ControlPlaneParts } from "../serve/control-plane-parts.ts";

type Apply = Extract<StartOperation, { verb: "apply" }>;

/** What was admitted, as it is kept with its operation: the files are a revision. */
export type Launched = Exclude<StartOperation, { verb: "apply" }> | Omit<Apply, "files">;

type Parts = Pick<ControlPlaneParts, "executor" | "revisions"> & Parameters<typeof rotate>[0];

/** Starts the work of an operation that was admitted. Doing it again starts nothing twice. */
export async function launch(parts: Parts, request: Launched, revision: string): Promise<void> {
  const { id: operation } = request;
  const actor: Actor = { kind: "person", name: request.actor };
  const { executor } = parts;
  switch (request.verb) {
    case "apply":
      await executor.apply({ operation, revision, actor, wanted: "declared", closing: "keep-data", ...answersOf(request) });
      return;
    case "remove": {
      const confirmed = request.confirmed === undefined ? {} : { confirmed: request.confirmed };
      if (request.stack !== undefined) {
        const one = { operation, root: operation, revision, stack: request.stack, actor, ...confirmed };
        await executor.converge({ ...one, wanted: "gone", closing: "remove-all" });
        return;
      }
      const override = { reason: "everything is removed by name" };
      await executor.apply({ operation, revision, actor, wanted: "gone", closing: "remove-all", override, ...confirmed });
      return;
    }
    case "rotate": {
      await rotate(parts, request, await parts.revisions.byHash(revision));
      const override = request.override === undefined ? {} : { override: request.override };
      const only = request.stack === undefined ? {} : { only: request.stack };
      await executor.apply({ operation, revision, actor, wanted: "declared", closing: "keep-data", ...only, ...override });
      return;
    }
    case "journey":
      await executor.journey({ operation, revision, stack: request.stack, actor, steps: request.steps ?? "all" });
      return;
    case "stop":
      await executor.stop({ operation, actor, ...reasonOf(request) });
      return;
    default:
      request satisfies never;
  }
}

function answersOf({ recreate, adopt, override }: Omit<Apply, "files">): Partial<Pick<ApplyRequest, "recreate" | "adopt" | "override">> {
  return {
    ...(recreate === undefined ? {} : { recreate }),
    ...(adopt === undefined ? {} : { adopt }),
    ...(override === undefined ? {} : { override }),
  };
}

function reasonOf({ reason }: { readonly reason?: string | undefined }): { reason?: string } {
  return reason === undefined ? {} : { reason };
}
