import swagger from "@fastify/swagger";
import fastify, { type FastifyReply } from "fastify";
import { jsonSchemaTransform, serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { bounded, MESSAGE } from "../kernel/foreign-text.ts";
import { type Problem, ProblemError } from "../kernel/problem.ts";
import type { Api } from "./api.ts";
import { boundConnections, type ConnectionLimits, TIMED } from "./connections.ts";
import { guardWith } from "./guard.ts";
import type { ControlPlane } from "./port.ts";
import { fleetRoutes } from "./routes/fleet.ts";
import { logRoutes } from "./routes/logs.ts";
import { operationRoutes } from "./routes/operations.ts";
import { countedStreams } from "./streams.ts";

export interface ApiOptions {
  readonly plane: ControlPlane;
  /** Asked at each call: it may be rotated. */
  readonly token: () => string;
  readonly version: string;
  readonly onFault: (error: unknown) => void;
  readonly limits: ConnectionLimits;
}

const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  "BAL-A004": 404,
  "BAL-E002": 503,
  "BAL-W002": 409,
  "BAL-W029": 409,
  "BAL-W030": 409,
  "BAL-A041": 409,
  "BAL-A042": 409,
  "BAL-A043": 409,
  "BAL-A060": 409,
  "BAL-A061": 409,
  "BAL-A032": 503,
};

/** What is larger belongs to a route that says so. */
const BODY_BYTES = 64 * 1024;
/** An address of an operation's part holds its stack's. */
const PARAMETER_CHARACTERS = 500;

/** Builds the HTTP surface; the caller listens. Every listener is loopback. */
export async function buildApi(options: ApiOptions): Promise<Api> {
  const api: Api = fastify({
    ...TIMED,
    bodyLimit: BODY_BYTES,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: PARAMETER_CHARACTERS },
    frameworkErrors: (error, _request, reply) => void answer(reply as FastifyReply, refusal(400, error.message)),
  }).withTypeProvider<ZodTypeProvider>();
  const { admitted } = boundConnections(api.server, options.limits);
  const streams = countedStreams(options.limits.streams);
  api.setValidatorCompiler(validatorCompiler);
  api.setSerializerCompiler(serializerCompiler);
  await api.register(swagger, {
    openapi: { openapi: "3.1.0", info: { title: "Ballast", version: options.version } },
    transform: jsonSchemaTransform,
  });
  api.addHook("onRequest", guardWith(options.token, admitted));
  api.setErrorHandler(async (error, _request, reply) => {
    const explained = explainError(error);
    if (explained.status === 500) options.onFault(error);
    await answer(reply, explained);
  });
  api.setNotFoundHandler(async (_request, reply) => {
    const problem = { code: "BAL-A004", severity: "error", at: "api", message: "there is nothing at this address" } as const;
    await answer(reply, { status: 404, problems: [problem] });
  });
  fleetRoutes(api, options.plane);
  operationRoutes(api, options.plane, streams);
  logRoutes(api, options.plane, streams);
  api.get("/v1/openapi.json", async () => api.swagger());
  return api;
}

interface Explained {
  readonly status: number;
  readonly problems: readonly Problem[];
}

async function answer(reply: FastifyReply, { status, problems }: Explained): Promise<void> {
  const title = problems[0]?.message ?? "refused";
  await reply.code(status).type("application/problem+json").send({ type: "about:blank", title, status, problems });
}

function refusal(status: number, message: string): Explained {
  return { status, problems: [{ code: "BAL-A003", severity: "error", at: "request", message: bounded(message, MESSAGE) }] };
}

function explainError(error: unknown): Explained {
  if (error instanceof ProblemError) return { status: STATUS_BY_CODE[error.problems[0]?.code ?? ""] ?? 422, problems: error.problems };
  const { statusCode, message } = error as { statusCode?: number; message: string };
  if (statusCode !== undefined && statusCode < 500) return refusal(statusCode, message);
  return {
    status: 500,
    problems: [{ code: "BAL-A005", severity: "error", at: "control plane", message: "a fault of its own; its log says more" }],
  };
}
