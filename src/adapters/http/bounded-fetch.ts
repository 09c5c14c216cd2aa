import { foreignBody } from "../../kernel/foreign-lines.ts";

export interface BoundedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Whoever answers may be somebody's code: an answer without an end fills no memory and takes no longer than this. */
export interface AnswerBound {
  readonly bytes: number;
  /** From the first byte that is sent to the last that is read. */
  readonly seconds: number;
  readonly signal?: AbortSignal;
}

/** One HTTP request whose answer is bounded in bytes, also after decompression, and in time. Redirects are not followed. */
export async function fetchBounded(url: string, init: RequestInit, bound: AnswerBound): Promise<BoundedAnswer> {
  const late = AbortSignal.timeout(bound.seconds * 1000);
  const signal = bound.signal === undefined ? late : AbortSignal.any([late, bound.signal]);
  const response = await fetch(url, { ...init, redirect: "manual", signal });
  const body = response.body === null ? "" : await foreignBody(response.body, { bytes: bound.bytes, signal });
  if (body === undefined) throw new Error(`the answer is larger than ${bound.bytes} bytes`);
  return { status: response.status, headers: response.headers, body };
}
