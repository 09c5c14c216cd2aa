import swagger from "@fastify/swagger";
import fastify from "fastify";
import { jsonSchemaTransform, serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { type Problem, ProblemError } from "../kernel/problem.ts";
import type { Api } from "./api.ts";
import { guardWith } from "./guard.ts";
import type { ControlPlane } from "./port.ts";
import { fleetRoutes } from "./routes/fleet.ts";
import { logRoutes } from "./routes/logs.ts";
import { operationRoutes } from "./routes/operations.ts";

export interface ApiOptions {
  readonly plane: ControlPlane;
  /** Asked at each call: it may be rotated. */
  readonly token: () => string;
  readonly version: string;
  readonly onFault: (error: unknown) => void;
}

const STATUS_BY_CODE: Readonly<Record<string, number>> = { "BAL-A004": 404, "BAL-E002": 503, "BAL-W002": 409 };

/** Builds the HTTP surface; the caller listens. Every listener is loopback. */
export async function buildApi(options: ApiOptions): Promise<Api> {
  const api: Api = fastify({ bodyLimit: 64 * 1024 * 1024, forceCloseConnections: true }).withTypeProvider<ZodTypeProvider>();
  api.setValidatorCompiler(validatorCompiler);
  api.setSerializerCompiler(serializerCompiler);
  await api.register(swagger, {
    openapi: { openapi: "3.1.0", info: { title: "Ballast", version: options.version } },
    transform: jsonSchemaTransform,
  });
  api.addHook("onRequest", guardWith(options.token));
  api.setErrorHandler(async (error, _request, reply) => {
    const { status, problems } = explainError(error);
    if (status >= 500) options.onFault(error);
    const title = problems[0]?.message ?? "refused";
    await reply.code(status).type("application/problem+json").send({ type: "about:blank", title, status, problems });
  });
  fleetRoutes(api, options.plane);
  operationRoutes(api, options.plane);
  logRoutes(api, options.plane);
  api.get("/v1/openapi.json", async () => api.swagger());
  return api;
}

function explainError(error: unknown): { status: number; problems: readonly Problem[] } {
  if (error instanceof ProblemError) return { status: STATUS_BY_CODE[error.problems[0]?.code ?? ""] ?? 422, problems: error.problems };
  const { statusCode, message } = error as { statusCode?: number; message: string };
  if (statusCode !== undefined && statusCode < 500)
    return { status: statusCode, problems: [{ code: "BAL-A003", severity: "error", at: "request", message }] };
  return {
    status: 500,
    problems: [{ code: "BAL-A005", severity: "error", at: "control plane", message: "a fault of its own; its log says more" }],
  };
}
