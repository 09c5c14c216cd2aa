import type { KnownSeries } from "../known-series.ts";
import { messageSignals } from "./messages.ts";
import { orderSignals } from "./orders.ts";
import type { Signal, SignalsOf } from "./signal.ts";
import { warehouseSignals } from "./warehouse.ts";
import { workSignals } from "./work.ts";

const CONCERNS: readonly SignalsOf[] = [orderSignals, warehouseSignals, messageSignals, workSignals];

/** Every signal of a series. Source: the models of each series; all were run on databases of 14.0 and 19.0. */
export function signalsOf(series: KnownSeries): readonly Signal[] {
  return CONCERNS.flatMap((concern) => concern(series));
}
