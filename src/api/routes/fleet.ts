import { z } from "zod";
import type { Api } from "../api.ts";
import { FleetFiles, FleetPlan, FleetStatus, Health } from "../contract/contract.ts";
import type { ControlPlane } from "../port.ts";

/** A body with the texts of a whole fleet, as JSON. */
export const FLEET_BYTES = 64 * 1024 * 1024;

export function fleetRoutes(api: Api, plane: ControlPlane): void {
  api.get("/v1/health", { schema: { response: { 200: Health } } }, async () => await plane.health());
  api.post(
    "/v1/plans",
    { bodyLimit: FLEET_BYTES, schema: { body: FleetFiles, response: { 200: FleetPlan } } },
    async (request) => await plane.plan(request.body.files),
  );
  api.get("/v1/status", { schema: { response: { 200: FleetStatus } } }, async () => await plane.status());
  api.post("/v1/shutdown", { schema: { response: { 202: z.object({ stopping: z.literal(true) }) } } }, async (_request, reply) => {
    await reply.code(202).send({ stopping: true });
    plane.shutdown();
  });
}
