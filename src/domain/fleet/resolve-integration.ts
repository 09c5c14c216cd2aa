import { formatDuration } from "../../kernel/quantity.ts";
import type { Declared } from "./declared.ts";
import { DEFAULTS } from "./defaults.ts";
import type { Integration } from "./integration.ts";
import type { Rate } from "./schema/measures.ts";
import { subjectOf } from "./subject.ts";
import { byDefault, note, type Subject, settle, type Trace } from "./trace.ts";

type IntegrationSpec = NonNullable<Declared<"Integration">["content"]>["spec"];

export function resolveIntegration(declared: Declared<"Integration">, trace: Trace): Integration | undefined {
  if (declared.content === undefined) return undefined;
  const { metadata, spec } = declared.content;
  const subject = subjectOf(trace, `integration/${metadata.name}`, declared);
  note(subject, "type", spec.type);
  note(subject, "url", spec.url);
  note(subject, "owner.name", spec.owner?.name);
  note(subject, "owner.email", spec.owner?.email);
  note(subject, "zone", spec.zone);
  const behaviour = behaviourOf(subject, spec);
  const sandbox = settle<string | undefined>(subject, {
    field: "sandbox",
    declared: spec.sandbox,
    otherwise: { value: undefined, source: byDefault, because: "copies call nobody" },
    show: (value) => value ?? "none",
  });
  note(subject, "network", spec.network);
  const inbound = settle<readonly string[]>(subject, {
    field: "inbound",
    declared: spec.inbound,
    otherwise: { value: [], source: byDefault },
    show: (paths) => (paths.length === 0 ? "none" : paths.join(" ")),
  });
  note(subject, "credential", spec.credential);
  return {
    name: metadata.name,
    type: spec.type,
    url: spec.url,
    ...(spec.owner === undefined ? {} : { owner: spec.owner }),
    ...(spec.zone === undefined ? {} : { zone: spec.zone }),
    ...behaviour,
    ...(sandbox === undefined ? {} : { sandbox }),
    ...(spec.network === undefined ? {} : { network: spec.network }),
    inbound: [...inbound].sort(),
    ...(spec.credential === undefined ? {} : { credential: spec.credential }),
  };
}

type Behaviour = Pick<Integration, "criticality" | "timeoutSeconds" | "retryBudgetPercent" | "circuitBreaker" | "rate" | "onFailure">;

function behaviourOf(subject: Subject, spec: IntegrationSpec): Behaviour {
  const choose = <T>(field: string, declared: T | undefined, value: T, show: (value: T) => string = String): T =>
    settle(subject, { field, declared, otherwise: { value, source: byDefault }, show });
  const { integration } = DEFAULTS;
  const criticality = choose("criticality", spec.criticality, integration.criticality);
  const timeoutSeconds = choose("timeout", spec.timeout, integration.timeoutSeconds, formatDuration);
  const retryBudgetPercent = choose("retryBudget", spec.retryBudget, integration.retryBudgetPercent, (value) => `${value} %`);
  const circuitBreaker = {
    failures: choose("circuitBreaker.failures", spec.circuitBreaker?.failures, integration.failures),
    openForSeconds: choose("circuitBreaker.openFor", spec.circuitBreaker?.openFor, integration.openForSeconds, formatDuration),
  };
  const rate = choose<Rate | undefined>("rate", spec.rate, undefined, rateText);
  const onFailure = choose("onFailure", spec.onFailure, integration.onFailure);
  return { criticality, timeoutSeconds, retryBudgetPercent, circuitBreaker, ...(rate === undefined ? {} : { rate }), onFailure };
}

function rateText(rate: Rate | undefined): string {
  return rate === undefined ? "not limited" : `${rate.count} in ${formatDuration(rate.perSeconds)}`;
}
