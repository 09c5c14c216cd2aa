import { isFrom, type KnownSeries } from "./known-series.ts";

interface Renamed {
  /** The name since `from`, and the name before it. */
  readonly name: string;
  readonly before: string;
  readonly from: KnownSeries;
}

/** Modules that Ballast names itself and that had another name, or were part of another module. Source: manifests of each series. */
const RENAMED: readonly Renamed[] = [{ name: "stock_delivery", before: "delivery", from: "17.0" }];

/** The names that modules of the newest series have in a series. */
export function modulesIn(series: KnownSeries, modules: readonly string[]): readonly string[] {
  const names = modules.map((module) => {
    const renamed = RENAMED.find((one) => one.name === module);
    return renamed === undefined || isFrom(series, renamed.from) ? module : renamed.before;
  });
  return [...new Set(names)];
}
