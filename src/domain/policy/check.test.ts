import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findingsOf, fleetText, type Parts } from "../../../test/support/policy.ts";
import { POLICY_CODES } from "./codes.ts";
import { RULES } from "./list.ts";

const ROOT = join(import.meta.dirname, "../../..");
const SIGNED = "reason: no budget, ticket: OPS-1, owner: a@acme.example, secondSigner: b@acme.example";
const waiver = (rule: string, scope: string, expiresAt = "2026-12-31") =>
  ["Waiver", "w", `rule: ${rule}, scope: ${scope}, ${SIGNED}, expiresAt: ${expiresAt}`] as const;
const SLOW: Parts = { environments: "production: { hosting: shared, pool: all, tier: development }" };
/** Without the remedies, which the tests of the rules do not repeat. */
function shown(parts: Parts) {
  return findingsOf(fleetText(parts)).map(({ code, severity, at, address, message, waived }) => ({
    code,
    severity,
    at,
    address,
    message,
    ...(waived === undefined ? {} : { waived }),
  }));
}

describe("findings", () => {
  test("the walkthrough has exactly the warning that its page shows, at the tier that brings the replica, and no error", () => {
    const text = readFileSync(join(ROOT, "src/domain/fleet/golden/walkthrough.yaml"), "utf8");
    expect(findingsOf(text).filter((finding) => finding.severity !== "note")).toEqual([
      {
        code: "BAL-P007",
        severity: "warning",
        at: "fleet.yaml:53:13",
        address: "central/production",
        message:
          "central/production: one synchronous replica means that losing it stops writes; tier mission-critical accepts that, two replicas would not",
        hint: "declare postgres: { replica: asynchronous } to lose at most the last moment instead, or have it waived by name",
      },
    ]);
  });

  test("the examples have none", () => {
    const examples = globSync("examples/hello/fleet.yaml", { cwd: ROOT });
    expect(examples.flatMap((file) => findingsOf(readFileSync(join(ROOT, file), "utf8")))).toEqual([]);
    expect(examples.length).toBe(1);
  });

  test("are at the field that was written, else at the declaration", () => {
    expect(shown(SLOW).map(({ code, at }) => `${code} ${at}`)).toEqual(["BAL-P015 fleet.yaml:24:145"]);
  });

  test("are the same for the same fleet, in the order of their places", () => {
    const parts: Parts = { ...SLOW, calendar: "zone: Europe/Berlin, coveredUntil: 2026-12-31" };
    expect(shown(parts)).toEqual(shown(parts));
    expect(shown(parts).map((finding) => finding.code)).toEqual(["BAL-P019", "BAL-P018", "BAL-P015"]);
  });
});

describe("a waiver", () => {
  test("turns what it is for into a note that names ticket, reason and last day", () => {
    expect(shown({ ...SLOW, more: [waiver("BAL-P015", "acme/production")] })).toEqual([
      {
        code: "BAL-P015",
        severity: "note",
        at: "fleet.yaml:24:145",
        address: "acme/production",
        message:
          "acme/production: production on tier development, of priority 100, which may lose 24 h of data; standard has 500 (waived until 2026-12-31, OPS-1: no budget)",
        waived: { waiver: "w", ticket: "OPS-1", expiresAt: "2026-12-31" },
      },
    ]);
  });

  test("has no effect at any other address, for any other rule, or after its last day", () => {
    const warning = (rule: string, scope: string, day?: string) =>
      shown({ ...SLOW, more: [waiver(rule, scope, day)] }).filter((finding) => finding.code === "BAL-P015")[0]?.severity;
    expect(warning("BAL-P015", "acme")).toBe("warning");
    expect(warning("BAL-P016", "acme/production")).toBe("warning");
    expect(warning("BAL-P015", "acme/production", "2026-11-21")).toBe("warning");
    expect(warning("BAL-P015", "acme/production", "2026-11-22")).toBe("note");
  });

  test("that matches nothing is a note, and says whether there is such a rule at all", () => {
    const needless = (rule: string) => shown({ more: [waiver(rule, "acme/production")] }).map((one) => `${one.severity} ${one.message}`);
    expect(needless("BAL-P015")).toEqual(["note waiver/w: matches nothing, BAL-P015 finds nothing at acme/production"]);
    expect(needless("BAL-P777")).toEqual(["note waiver/w: matches nothing, there is no rule BAL-P777"]);
    expect(shown({ more: [waiver("BAL-P015", "acme/production", "2026-11-21")] })).toEqual([]);
  });
});

test("every rule has a code of its own, a reason, and a test that names it", () => {
  const tests = globSync("rules/*.test.ts", { cwd: import.meta.dirname }).map((file) =>
    readFileSync(join(import.meta.dirname, file), "utf8"),
  );
  const files = globSync("rules/*.ts", { cwd: import.meta.dirname }).filter((file) => !file.endsWith(".test.ts"));
  expect(new Set(POLICY_CODES.map((entry) => entry.code)).size).toBe(RULES.length + 1);
  expect(files.length).toBe(RULES.length);
  expect(POLICY_CODES.filter((entry) => (entry.reason ?? "") === "" || entry.title === "")).toEqual([]);
  const byName = (code: string) => files.find((file) => readFileSync(join(import.meta.dirname, file), "utf8").includes(`"${code}"`)) ?? "";
  const untested = RULES.filter(({ code }) => {
    const module = byName(code).replace("rules/", "./");
    return !tests.some((text) => text.includes(`"${code}"`) || text.includes(`"${module}"`));
  });
  expect(untested.map((rule) => rule.code)).toEqual([]);
});
