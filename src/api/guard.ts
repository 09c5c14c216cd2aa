import { timingSafeEqual } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { sha256 } from "../kernel/canonical.ts";

const LOCAL_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/**
 * Lets nobody in without the token. Host and Origin are checked too, so that a page in a browser on the same machine,
 * or a name that somebody points at 127.0.0.1, cannot speak for its owner.
 */
export function guardWith(token: () => string) {
  return async function guard(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (!LOCAL_HOST.test(request.headers.host ?? "")) return await deny(reply, 403, "the Host header does not name this machine");
    const origin = request.headers.origin;
    if (origin !== undefined && !LOCAL_HOST.test(origin.replace(/^https?:\/\//, "")))
      return await deny(reply, 403, "calls from other sites are not answered");
    const given = /^bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
    if (!timingSafeEqual(Buffer.from(sha256(given)), Buffer.from(sha256(token()))))
      return await deny(reply, 401, "a token is needed: see the file api.token of the installation");
  };
}

async function deny(reply: FastifyReply, status: number, message: string): Promise<void> {
  const problems = [{ code: status === 401 ? "BAL-A001" : "BAL-A002", severity: "error", at: "api", message }];
  await reply.code(status).type("application/problem+json").send({ type: "about:blank", title: message, status, problems });
}
