import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import type { NodeId } from "../../../domain/stack/node.ts";

/** When a server was started, and the processes that it starts itself: it starts those again after one of its sessions crashed, and all sessions end. */
interface Life {
  readonly server: number;
  readonly processes: number | null;
}

/** Whether a server recovered from a crash of one of its processes: for who looks at its container alone it ran on. */
export class CrashRecovery {
  readonly #lives = new Map<NodeId, Life>();

  /** Asked whenever a session is opened to watch a server: a crash ends the one before. True where it recovered since it was asked last. */
  async look(server: NodeId, session: ServerSession): Promise<boolean> {
    const [life] = await session.run(SERVER_SQL.life());
    if (life === undefined) return false;
    const before = this.#lives.get(server);
    this.#lives.set(server, life);
    return recovered(before, life);
  }
}

export function recovered(before: Life | undefined, { server, processes }: Life): boolean {
  if (before === undefined || before.server !== server || before.processes === null || processes === null) return false;
  return processes > before.processes;
}
