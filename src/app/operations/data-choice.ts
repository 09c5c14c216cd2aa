import type { DataChoice, Services } from "../../workflows/services.ts";
import { adopt } from "./adoption.ts";
import { giveUp, type RecreationParts } from "./recreation.ts";

type Parts = RecreationParts & Pick<Services, "compiled" | "vaultFor">;

/** Carries out what was decided about lost and replaced data, as the first act on a stack, under its lease. */
export function dataDecider(parts: Parts): (choice: DataChoice) => Promise<void> {
  return async ({ operation, revision, actor, recreate, adopt: adopted }) => {
    const compiled = await parts.compiled(revision);
    await giveUp(parts, compiled, { actor, operation, stacks: recreate });
    await adopt({ ...parts, vault: parts.vaultFor(revision) }, compiled, { actor, operation, stacks: adopted });
  };
}
