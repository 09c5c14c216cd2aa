import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Document, EVERY_FIELD, type Json } from "../../../test/support/every-field.ts";
import { OTHERWISE } from "../../../test/support/otherwise.ts";
import { compileWhole } from "../../domain/blueprint/compile.ts";
import { driftPolicy } from "../../domain/blueprint/drift-policy.ts";
import { keepSecondsOf } from "../../domain/blueprint/retention.ts";
import { windowOf } from "../../domain/blueprint/window.ts";
import type { Calendar } from "../../domain/calendar/calendar.ts";
import { calendarDays } from "../../domain/calendar/days.ts";
import { loadFleet } from "../../domain/fleet/load.ts";
import type { Fleet, LoadedFleet } from "../../domain/fleet/model.ts";
import { KINDS, SCHEMAS } from "../../domain/fleet/schema/kinds.ts";
import { fieldsOf, itemOf } from "../../domain/fleet/schema/walk.ts";
import { isWithoutEffect, WITHOUT_EFFECT } from "../../domain/fleet/without-effect.ts";
import { checkPolicies } from "../../domain/policy/check.ts";

const TODAY = "2026-11-22";
const HOUR = 3_600_000;

/** Read by people; shown where it matters, and nothing runs otherwise for it. */
const FOR_PEOPLE = [
  "Tenant.spec.owner.name",
  "Tenant.spec.owner.email",
  "Process.spec.fallback",
  "Integration.spec.type",
  "Integration.spec.owner.name",
  "Integration.spec.owner.email",
  "Release.spec.provenance.source",
  "Release.spec.provenance.revision",
  "Release.spec.provenance.builder",
  "Waiver.spec.owner",
  "Waiver.spec.secondSigner",
];
/** Limits and facts that a guardrail holds the rest of the fleet against: that is all that they mean. */
const FOR_GUARDRAILS = [
  "Tenant.spec.environments.*.quotas.cronThreads",
  "Tenant.spec.environments.*.quotas.jobSlots",
  "Region.spec.role",
  "Integration.spec.criticality",
  "Waiver.spec.rule",
  "Waiver.spec.scope",
  "Waiver.spec.reason",
  "Waiver.spec.ticket",
  "Waiver.spec.expiresAt",
];
/** This version refuses whoever declares it. */
const REFUSED = ["Region.spec.engine.kubernetes.context"];

/** Every field of the language that holds a value and no further fields. */
function leaves(schema: Parameters<typeof fieldsOf>[0], path: string): readonly string[] {
  return Object.entries(fieldsOf(schema) ?? {}).flatMap(([key, field]) => {
    const name = /[.]environments$/.test(path) ? "*" : key;
    const item = itemOf(field);
    if (fieldsOf(field) !== undefined) return leaves(field, `${path}.${name}`);
    return item !== undefined && fieldsOf(item) !== undefined ? leaves(item, `${path}.${name}[]`) : [`${path}.${name}`];
  });
}
const ALL = [...new Set(KINDS.flatMap((kind) => leaves(SCHEMAS[kind], kind)))].filter(
  (one) => !/[.](apiVersion|kind|metadata[.]name)$/.test(one),
);

const isIdle = (path: string) => KINDS.some((kind) => path.startsWith(`${kind}.`) && isWithoutEffect(kind, path.slice(kind.length + 1)));

/** The documents with a field written otherwise, wherever it stands. */
function written(documents: readonly Document[], path: string): readonly Document[] {
  const [kind, ...keys] = path.split(".");
  return documents.map((one) =>
    one.kind === kind ? (changed(one as unknown as Json, keys, OTHERWISE[path] as Json) as unknown as Document) : one,
  );
}

function changed(value: Json, [key = "", ...rest]: readonly string[], otherwise: Json): Json {
  if (typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item: Json) => changed(item, [key, ...rest], otherwise));
  const name = key.replace("[]", "");
  return Object.fromEntries(
    Object.entries(value).map(([one, inner]: [string, Json]) => {
      if (name !== "*" && name !== one) return [one, inner];
      return [one, rest.length === 0 ? otherwise : changed(inner, rest, otherwise)];
    }),
  );
}

const windows = new Map<string, unknown>();
/** What a calendar admits, hour by hour around the turn of a year, and what it tells of these days. */
function hoursOf(calendar: Calendar): unknown {
  const key = JSON.stringify(calendar);
  if (!windows.has(key)) {
    const from = Date.parse("2026-12-31T00:00:00Z");
    const hours = Array.from({ length: 24 * 8 }, (_, hour) => windowOf([calendar], from + hour * HOUR));
    windows.set(key, [hours, calendarDays(calendar, "2026-12-31", 8)]);
  }
  return windows.get(key);
}

/** What is used of the fleet itself, where there is no stack yet: by the control plane, for its engine. */
function ofMachine({ ingress, images, regions }: Fleet): unknown {
  return { listen: ingress.listen, images, subnets: regions.map(({ engine }) => engine) };
}

function effects(loaded: LoadedFleet): unknown {
  const { fleet } = loaded;
  const context = { images: {}, ingress: fleet.ingress.listen ?? { address: "127.0.0.1", port: 1 }, certificateGeneration: 0 };
  const { compiled, problems } = compileWhole(loaded, context);
  const stacks = [...compiled.stacks.values()].map(({ nodes, ...stack }) => ({
    ...stack,
    nodes: nodes.map(({ from: _places, ...node }) => node),
    drift: driftPolicy(loaded, stack.id),
    keep: keepSecondsOf(loaded, stack.id),
  }));
  const calendars = fleet.tenants.flatMap(({ calendar }) => fleet.calendars.filter(({ name }) => name === calendar));
  return {
    stacks,
    formerly: [...compiled.formerly],
    limits: problems.map(({ code, message }) => [code, message]),
    hours: calendars.map(hoursOf),
    machine: ofMachine(fleet),
  };
}

interface Outcome {
  readonly effects: string;
  readonly findings: string;
}

function outcomeOf(documents: readonly Document[]): Outcome {
  const text = documents.map((one) => JSON.stringify({ apiVersion: "ballast.dev/v1alpha1", ...one })).join("\n---\n");
  const read = loadFleet([{ path: "fleet.yaml", text }], { today: TODAY });
  if (!read.ok)
    return { effects: JSON.stringify(read.problems.filter(({ severity }) => severity === "error").map(({ code }) => code)), findings: "" };
  const { compiled } = compileWhole(read.value, { images: {}, ingress: { address: "127.0.0.1", port: 1 }, certificateGeneration: 0 });
  const findings = checkPolicies({ loaded: read.value, stacks: compiled.stacks, today: TODAY });
  return { effects: JSON.stringify(effects(read.value)), findings: JSON.stringify(findings.map(({ code, message }) => [code, message])) };
}

const base = outcomeOf(EVERY_FIELD);

test("every field of the language stands in the fleet of this test, and has another value", () => {
  expect(base.effects.startsWith("{")).toBe(true);
  expect(Object.keys(OTHERWISE).sort()).toEqual(ALL.filter((one) => !REFUSED.includes(one)).sort());
  const same = Object.keys(OTHERWISE).filter((path) => JSON.stringify(written(EVERY_FIELD, path)) === JSON.stringify(EVERY_FIELD));
  expect(same).toEqual([]);
});

test("each line of the table is a field of the language", () => {
  const strange = KINDS.flatMap((kind) =>
    WITHOUT_EFFECT[kind]
      .map((one) => `${kind}.${one}`)
      .filter((one) => !ALL.some((leaf) => `${leaf}.`.startsWith(`${one}.`) || leaf.startsWith(`${one}[]`))),
  );
  expect(strange).toEqual([]);
});

describe("a field", () => {
  const told = new Set([...FOR_PEOPLE, ...FOR_GUARDRAILS]);
  const silent = Object.keys(OTHERWISE).filter(isIdle);

  test.each(Object.keys(OTHERWISE).filter((path) => !isIdle(path) && !told.has(path)))(
    "%s changes what runs or when, so it is not in the table",
    (path) => {
      expect(outcomeOf(written(EVERY_FIELD, path)).effects).not.toEqual(base.effects);
    },
  );

  test.each(FOR_GUARDRAILS)("%s changes what guardrails find", (path) => {
    expect(outcomeOf(written(EVERY_FIELD, path)).findings).not.toEqual(base.findings);
  });

  test.each(silent)("%s is in the table, and changes nothing that runs", (path) => {
    expect(outcomeOf(written(EVERY_FIELD, path)).effects).toEqual(base.effects);
  });

  test("of the table, together with any others of it, changes nothing that runs", () => {
    fc.assert(
      fc.property(fc.subarray(silent, { minLength: 2 }), (paths) => {
        expect(outcomeOf(paths.reduce(written, EVERY_FIELD)).effects).toEqual(base.effects);
      }),
      { numRuns: 15 },
    );
  });
});
