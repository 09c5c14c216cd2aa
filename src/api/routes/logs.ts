import { z } from "zod";
import type { Api } from "../api.ts";
import { Address } from "../contract/contract.ts";
import type { ControlPlane } from "../port.ts";
import { type Streams, writePaced } from "../streams.ts";

const Query = z.object({
  stack: Address,
  node: Address.optional(),
  tail: z.coerce.number().int().min(0).max(10_000).default(100),
  follow: z.stringbool().default(false),
});

/** Log lines as NDJSON; with `follow` until the client leaves. */
export function logRoutes(api: Api, plane: ControlPlane, streams: Streams): void {
  api.get("/v1/logs", { schema: { querystring: Query } }, async (request, reply) => {
    const stream = streams.begin();
    reply.hijack();
    const gone = new AbortController();
    reply.raw.on("close", () => gone.abort());
    reply.raw.writeHead(200, { "content-type": "application/x-ndjson", "cache-control": "no-cache" });
    const { node, ...query } = request.query;
    try {
      for await (const line of plane.logs({ ...query, ...(node === undefined ? {} : { node }), signal: gone.signal }))
        await writePaced(reply.raw, `${JSON.stringify(line)}\n`);
    } catch (error) {
      if (!gone.signal.aborted)
        reply.raw.write(`${JSON.stringify({ node: "", at: "", text: `the log ended: ${(error as Error).message}` })}\n`);
    } finally {
      stream.end();
    }
    reply.raw.end();
  });
}
