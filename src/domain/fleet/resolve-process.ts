import { formatDuration } from "../../kernel/quantity.ts";
import { builtInSubject } from "./built-in.ts";
import type { Declared } from "./declared.ts";
import { BY_CRITICALITY, isBuiltInProcess, PROCESS_NAMES, PROCESSES, type Process, type ProcessTraits } from "./processes.ts";
import { subjectOf } from "./subject.ts";
import { byDefault, type Subject, settle, type Trace } from "./trace.ts";

type ProcessSpec = NonNullable<Declared<"Process">["content"]>["spec"];

/** The built-in processes as this fleet adjusts them, and those that it adds, in order of their names. */
export function resolveProcesses(declarations: ReadonlyMap<string, Declared<"Process">>, trace: Trace): readonly Process[] {
  const names = [...new Set<string>([...PROCESS_NAMES, ...declarations.keys()])].sort();
  return names.flatMap((name) => {
    const declared = declarations.get(name);
    if (declared?.content === undefined) {
      if (!isBuiltInProcess(name)) return [];
      return [resolveProcess(builtInSubject(trace, `process/${name}`), name, {})];
    }
    return [resolveProcess(subjectOf(trace, `process/${name}`, declared), name, declared.content.spec)];
  });
}

function traitsOf(name: string, spec: ProcessSpec): ProcessTraits {
  if (isBuiltInProcess(name)) return PROCESSES[name];
  const criticality = spec.criticality ?? "important";
  return { criticality, models: [], routes: [], jobs: [], ...BY_CRITICALITY[criticality], fallback: "none is declared" };
}

function resolveProcess(subject: Subject, name: string, spec: ProcessSpec): Process {
  const built = traitsOf(name, spec);
  const choose = <T>(field: string, declared: T | undefined, value: T, show: (value: T) => string = String): T =>
    settle(subject, { field, declared, otherwise: { value, source: byDefault }, show });
  const listed = (words: readonly string[]) => (words.length === 0 ? "none" : words.join(" "));
  return {
    name,
    criticality: choose("criticality", spec.criticality, built.criticality),
    models: choose<readonly string[]>("models", spec.models, built.models, listed),
    routes: choose<readonly string[]>("routes", spec.routes, built.routes, listed),
    jobs: choose<readonly string[]>("jobs", spec.jobs, built.jobs, listed),
    objective: {
      withinSeconds: choose("objective.within", spec.objective?.within, built.objective.withinSeconds, formatDuration),
      sharePercent: choose("objective.share", spec.objective?.share, built.objective.sharePercent, (value) => `${value} %`),
    },
    degraded: choose("degraded", spec.degraded, built.degraded),
    fallback: choose("fallback", spec.fallback, built.fallback),
  };
}
