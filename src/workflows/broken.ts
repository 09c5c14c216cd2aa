import { DBOS } from "@dbos-inc/dbos-sdk";
import type { Services } from "./services.ts";

/** Told of a workflow that threw: the work of this operation does not go on. */
export type BrokeOff = (operation: string) => void;

/**
 * Registers a workflow that is not supposed to throw. Where it does, such as one of an earlier version whose recorded steps are not those of now, the log is
 * told with cause and stack, whoever began it and whether anybody waits for it.
 */
export function registerTold<R extends { readonly operation: string }, T>(
  { name, log }: { readonly name: string } & Pick<Services, "log">,
  work: (request: R) => Promise<T>,
  brokeOff: BrokeOff,
): (request: R) => Promise<T> {
  async function told(request: R): Promise<T> {
    try {
      return await work(request);
    } catch (error) {
      log(error, `the work of ${request.operation} broke off`);
      brokeOff(request.operation);
      throw error;
    }
  }
  return DBOS.registerWorkflow(told, { name });
}
