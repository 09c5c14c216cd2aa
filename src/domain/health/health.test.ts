import { expect, test } from "vitest";
import { judgePage, outcomeOf, type PageObservation } from "./page.ts";
import { mayRestart, RESTARTS_AN_HOUR, recentRestarts } from "./restart.ts";
import { type EnvironmentState, withCertificate, withHealth } from "./verdict.ts";
import { describeUndone, SKIPPED_AFTER_SECONDS } from "./work.ts";

const AT = Date.UTC(2026, 10, 27, 3, 0, 0);

function page(outcome: PageObservation["outcome"], more: Partial<PageObservation> = {}): PageObservation {
  return { at: AT, outcome, milliseconds: 10_000, ...more };
}

test("only a page that came leaves an environment serving; each other outcome says what its users meet", () => {
  expect(judgePage(page("answered", { status: 200 }))).toBeUndefined();
  expect(judgePage(undefined)).toEqual({ state: "unknown", because: "no page was asked for yet" });
  expect(judgePage(page("silent"))).toEqual({
    state: "degraded",
    because: "saturated: no page within 10 s, and its processes are alive",
  });
  for (const status of [503, 504])
    expect(judgePage(page("failed", { status }))).toEqual({
      state: "degraded",
      because: `saturated: the page answered ${status}, and its processes are alive`,
    });
  for (const status of [404, 500, 502])
    expect(judgePage(page("failed", { status }))).toEqual({ state: "down", because: `the page answered ${status}` });
  expect(judgePage(page("untrusted", { because: "certificate has expired" }))).toEqual({
    state: "down",
    because: "browsers refuse its certificate: certificate has expired",
  });
  expect(judgePage(page("unreachable", { because: "ECONNREFUSED" }))).toEqual({
    state: "down",
    because: "the ingress cannot be reached: ECONNREFUSED",
  });
  expect(judgePage(page("failed", { because: "Parse Error: Expected HTTP/" }))).toEqual({
    state: "down",
    because: "the page answered Parse Error: Expected HTTP/",
  });
  expect(judgePage(page("unasked", { because: "too many open files" }))).toEqual({
    state: "unknown",
    because: "no page could be asked for: too many open files",
  });
  expect(judgePage(page("limited", { status: 429 }))).toEqual({
    state: "unknown",
    because: "the ingress limits requests from this machine (429), so no page was seen",
  });
});

test("a redirect is a page, a refused client proves nothing, every error is a failure", () => {
  expect([200, 303, 399, 400, 404, 429, 500, 502].map(outcomeOf)).toEqual([
    "answered",
    "answered",
    "answered",
    "failed",
    "failed",
    "limited",
    "failed",
    "failed",
  ]);
});

test("pending modules and scheduled actions that were skipped are said; one that is merely due is not", () => {
  const nothing = { count: 0, names: [] };
  const onTime = { overdue: 0, oldestSeconds: 0, runningSeconds: 86_400 };
  expect(describeUndone({ at: AT, modules: nothing, actions: onTime })).toEqual([]);
  expect(
    describeUndone({ at: AT, modules: nothing, actions: { ...onTime, overdue: 4, oldestSeconds: SKIPPED_AFTER_SECONDS - 1 } }),
  ).toEqual([]);
  expect(
    describeUndone({
      at: AT,
      modules: { count: 5, names: ["sale", "stock", "web", "mail"] },
      actions: { ...onTime, overdue: 1, oldestSeconds: 1860 },
    }),
  ).toEqual([
    "5 modules are pending (sale, stock, web and 2 more): scheduled actions are skipped",
    "1 scheduled action is overdue, the oldest by 31 min",
  ]);
  expect(describeUndone({ at: AT, modules: { count: 1, names: ["sale"] }, actions: onTime })).toEqual([
    "1 module is pending (sale): scheduled actions are skipped",
  ]);
});

test("a process that just began catches up with what was due before it, and is given the time for it", () => {
  const work = (runningSeconds: number) => ({
    at: AT,
    modules: { count: 0, names: [] },
    actions: { overdue: 17, oldestSeconds: 4140, runningSeconds },
  });
  expect(describeUndone(work(SKIPPED_AFTER_SECONDS - 1))).toEqual([]);
  expect(describeUndone(work(SKIPPED_AFTER_SECONDS))).toEqual(["17 scheduled actions are overdue, the oldest by 69 min"]);
});

test("what hangs is restarted three times an hour at most", () => {
  const hour = 3_600_000;
  const restarts = [AT, AT + 60_000, AT + 120_000];
  expect(restarts).toHaveLength(RESTARTS_AN_HOUR);
  expect(mayRestart(restarts.slice(1), AT + 180_000)).toBe(true);
  expect(mayRestart(restarts, AT + 180_000)).toBe(false);
  expect(mayRestart(restarts, AT + hour - 1)).toBe(false);
  expect(mayRestart(restarts, AT + hour)).toBe(true);
  expect(mayRestart(restarts, AT - 10 * hour)).toBe(false);
  expect(recentRestarts(restarts, AT + hour)).toEqual(restarts.slice(1));
});

test("an environment serves only while its page is answered and no work is left undone", () => {
  const serving: EnvironmentState = { state: "serving", because: [] };
  const failing: EnvironmentState = { state: "degraded", because: ["odoo-cron is failing"] };
  const answered = page("answered", { status: 200 });
  const work = { at: AT, modules: { count: 1, names: ["sale"] }, actions: { overdue: 0, oldestSeconds: 0, runningSeconds: 60 } };
  const pending = "1 module is pending (sale): scheduled actions are skipped";
  expect(withHealth(serving, { page: answered })).toEqual(serving);
  expect(withHealth(serving, {})).toEqual(serving);
  expect(withHealth(serving, { page: page("failed", { status: 502 }) })).toEqual({ state: "down", because: ["the page answered 502"] });
  expect(withHealth(serving, { page: answered, work })).toEqual({ state: "degraded", because: [pending] });
  expect(withHealth(failing, { page: page("failed", { status: 502 }), work })).toEqual({
    state: "down",
    because: ["the page answered 502", "odoo-cron is failing", pending],
  });
  expect(withHealth(failing, { page: page("failed", { status: 504 }) })).toEqual({
    state: "down",
    because: ["the page answered 504", "odoo-cron is failing"],
  });
  const starting: EnvironmentState = { ...serving, starting: true };
  expect(withHealth(starting, { page: page("failed", { status: 504 }) })).toEqual({
    state: "down",
    because: ["starting: the page answered 504, and its processes were just started"],
  });
  expect(withHealth(starting, { page: page("failed", { status: 502 }) }).because).toEqual([
    "starting: the page answered 502, and its processes were just started",
  ]);
  expect(withHealth(starting, { page: answered }).state).toBe("serving");
  expect(withHealth(starting, { page: page("untrusted", { because: "certificate has expired" }) }).because).toEqual([
    "browsers refuse its certificate: certificate has expired",
  ]);
  expect(withHealth(failing, { page: page("silent") }).because[0]).toBe("no page came within 10 s");
  expect(withHealth(failing, { page: page("limited", { status: 429 }) }).state).toBe("degraded");
  expect(withHealth(serving, { page: page("limited", { status: 429 }) }).state).toBe("unknown");
  for (const state of ["down", "stopped"] as const)
    expect(withHealth({ state, because: ["why"] }, { page: page("silent"), work })).toEqual({ state, because: ["why"] });
});

test("a platform serves where its certificate was read and has no fault; what could not be read is unknown, and of an environment its page decides", () => {
  const serving = { state: "serving", because: [] } as const;
  const fault = { code: "BAL-E012", says: "the ingress serves another", severe: true } as const;
  expect([withCertificate(serving, undefined, true), withCertificate(serving, "unknown", false)]).toEqual([serving, serving]);
  expect(withCertificate(serving, "unknown", true)).toEqual({
    state: "unknown",
    because: ["the certificate that the ingress shows could not be read"],
  });
  expect(withCertificate(serving, fault, true)).toEqual({ state: "degraded", because: ["BAL-E012 the ingress serves another"] });
  expect(withCertificate(serving, { ...fault, severe: false }, false).state).toBe("serving");
});
