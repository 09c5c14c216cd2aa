import type { FastifyReply } from "fastify";
import { z } from "zod";
import { failure } from "../../kernel/problem.ts";
import type { Api } from "../api.ts";
import { DecisionShape, OperationId, OperationShape, StartOperation } from "../contract/contract.ts";
import type { ControlPlane } from "../port.ts";
import { type Streams, writePaced } from "../streams.ts";
import { FLEET_BYTES } from "./fleet.ts";

/** What this process writes is told at once; anything else is found by then. */
const POLL_MS = 1000;
const BEAT_MS = 15_000;

export function operationRoutes(api: Api, plane: ControlPlane, streams: Streams): void {
  api.post(
    "/v1/operations",
    { bodyLimit: FLEET_BYTES, schema: { body: StartOperation, response: { 202: OperationShape } } },
    async (request, reply) => {
      const operation = await plane.start(request.body);
      return await reply.code(202).header("location", `/v1/operations/${operation.id}`).send(operation);
    },
  );
  api.get(
    "/v1/operations",
    {
      schema: {
        querystring: z.object({ limit: z.coerce.number().int().min(1).max(500).default(20) }),
        response: { 200: z.object({ items: z.array(OperationShape) }) },
      },
    },
    async (request) => ({ items: [...(await plane.operations(request.query.limit))] }),
  );
  api.get(
    "/v1/operations/:id",
    { schema: { params: z.object({ id: OperationId }), response: { 200: OperationShape.extend({ parts: z.array(OperationShape) }) } } },
    async (request) => {
      const operation = await plane.operation(request.params.id);
      if (operation === undefined) throw failure("BAL-A004", request.params.id, "there is no such operation");
      return { ...operation, parts: [...(await plane.parts(operation.id))] };
    },
  );
  api.get(
    "/v1/operations/:id/decisions",
    { schema: { params: z.object({ id: OperationId }), response: { 200: z.object({ items: z.array(DecisionShape) }) } } },
    async (request) => ({ items: [...(await plane.decisions(request.params.id))] }),
  );
  api.get(
    "/v1/operations/:id/events",
    { schema: { params: z.object({ id: OperationId }), querystring: z.object({ after: z.coerce.number().int().min(0).default(0) }) } },
    async (request, reply) => {
      if ((await plane.operation(request.params.id)) === undefined)
        throw failure("BAL-A004", request.params.id, "there is no such operation");
      const stream = streams.begin();
      try {
        await streamEvents(plane, reply, { id: request.params.id, after: request.query.after });
      } finally {
        stream.end();
        if (reply.sent && !reply.raw.writableEnded) reply.raw.destroy();
      }
    },
  );
}

/** Server-sent events until the operation ends; `Last-Event-ID` is the sequence number to go on after. */
async function streamEvents(plane: ControlPlane, reply: FastifyReply, from: { id: string; after: number }): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform", "x-accel-buffering": "no" });
  let open = true;
  const following = plane.follow(from.id);
  raw.on("close", () => {
    open = false;
  });
  try {
    await tellUntilEnd(plane, raw, { ...from, following, isOpen: () => open && !raw.destroyed });
  } finally {
    following.end();
  }
  raw.end();
}

interface Told {
  readonly id: string;
  readonly after: number;
  readonly following: ReturnType<ControlPlane["follow"]>;
  readonly isOpen: () => boolean;
}

async function tellUntilEnd(plane: ControlPlane, raw: FastifyReply["raw"], from: Told): Promise<void> {
  let { after } = from;
  for (let quietSince = performance.now(); from.isOpen(); ) {
    // Asked before the events: whatever was told before the end is read after it, so nothing is lost.
    const operation = await plane.operation(from.id);
    for (const event of await plane.events(from.id, after)) {
      await writePaced(raw, `id: ${event.seq}\nevent: operation.${event.kind}\ndata: ${JSON.stringify(event)}\n\n`);
      after = event.seq;
      quietSince = performance.now();
    }
    if (operation?.state !== "running") {
      raw.write(`event: operation.ended\ndata: ${JSON.stringify(operation)}\n\n`);
      return;
    }
    if (performance.now() - quietSince >= BEAT_MS) {
      raw.write(": still running\n\n");
      quietSince = performance.now();
    }
    await from.following.next(POLL_MS);
  }
}
