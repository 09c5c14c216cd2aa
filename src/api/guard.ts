import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";

const LOCAL_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/**
 * Lets nobody in without the token; where there is none, nobody at all. Host and Origin are checked too, so that a page in a browser on the same machine,
 * or a name that somebody points at 127.0.0.1, cannot speak for its owner.
 * @param admitted is told of the connection of each call that came in.
 */
export function guardWith(token: () => string, admitted: (socket: FastifyRequest["socket"]) => void) {
  return async function guard(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (!LOCAL_HOST.test(request.headers.host ?? "")) return await deny(reply, 403, "the Host header does not name this machine");
    const origin = request.headers.origin;
    if (origin !== undefined && !LOCAL_HOST.test(origin.replace(/^https?:\/\//, "")))
      return await deny(reply, 403, "calls from other sites are not answered");
    const given = /^bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
    if (!isSame(given, token())) return await deny(reply, 401, "a token is needed: see the file api.token of the installation");
    admitted(request.socket);
  };
}

/** In a time that says nothing about how much of it is right; an empty text is never right. */
function isSame(given: string, wanted: string): boolean {
  const same = timingSafeEqual(digest(given), digest(wanted));
  return same && given.trim() !== "" && wanted.trim() !== "";
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

async function deny(reply: FastifyReply, status: number, message: string): Promise<void> {
  const problems = [{ code: status === 401 ? "BAL-A001" : "BAL-A002", severity: "error", at: "api", message }];
  await reply
    .code(status)
    .header("connection", "close")
    .type("application/problem+json")
    .send({ type: "about:blank", title: message, status, problems });
}
