export const CRITICALITIES = ["core", "important", "deferrable"] as const;
export type Criticality = (typeof CRITICALITIES)[number];

export const DEGRADATIONS = ["keep", "queue", "read-only", "pause"] as const;

/** A business process: how much hangs on it, how it is recognised in Odoo, and what happens while there is too little for all. */
export interface Process {
  readonly name: string;
  readonly criticality: Criticality;
  readonly models: readonly string[];
  /** Paths; what lies below them belongs to them. */
  readonly routes: readonly string[];
  /** External ids of scheduled actions. */
  readonly jobs: readonly string[];
  readonly objective: { readonly withinSeconds: number; readonly sharePercent: number };
  readonly degraded: (typeof DEGRADATIONS)[number];
  readonly fallback: string;
}

export type ProcessTraits = Omit<Process, "name">;

const MINUTE = 60;

/** What is promised, and what gives way, where a process itself says nothing. */
export const BY_CRITICALITY: Readonly<Record<Criticality, Pick<Process, "objective" | "degraded">>> = {
  core: { objective: { withinSeconds: 3, sharePercent: 99.5 }, degraded: "keep" },
  important: { objective: { withinSeconds: 10, sharePercent: 99 }, degraded: "queue" },
  deferrable: { objective: { withinSeconds: 5 * MINUTE, sharePercent: 95 }, degraded: "pause" },
};

function core(traits: Partial<ProcessTraits> & Pick<Process, "fallback">): ProcessTraits {
  return { criticality: "core", models: [], routes: [], jobs: [], ...BY_CRITICALITY.core, ...traits };
}

function important(traits: Partial<ProcessTraits> & Pick<Process, "fallback">): ProcessTraits {
  return { criticality: "important", models: [], routes: [], jobs: [], ...BY_CRITICALITY.important, ...traits };
}

function deferrable(traits: Partial<ProcessTraits> & Pick<Process, "fallback">): ProcessTraits {
  return { criticality: "deferrable", models: [], routes: [], jobs: [], ...BY_CRITICALITY.deferrable, ...traits };
}

/** What every logistics company does. Models and actions are those of the standard modules; what custom addons bring is declared. */
export const PROCESSES = {
  receiving: core({
    models: ["purchase.order", "stock.picking", "stock.move"],
    fallback: "Count against the delivery note on paper, book the receipt later with its real date.",
  }),
  putaway: core({
    models: ["stock.move.line", "stock.putaway.rule", "stock.location"],
    fallback: "Put goods into the buffer zone with a paper slip, book the locations later.",
  }),
  "order-confirmation": core({
    models: ["sale.order", "sale.order.line"],
    fallback: "Collect orders outside and confirm them later, in the order of their arrival.",
  }),
  reservation: core({
    models: ["stock.quant", "stock.move", "procurement.group"],
    jobs: ["stock.ir_cron_scheduler_action"],
    objective: { withinSeconds: 15 * MINUTE, sharePercent: 99.5 },
    fallback: "Release orders by hand from the last printed list of stock.",
  }),
  picking: core({
    models: ["stock.picking", "stock.move.line", "stock.picking.batch"],
    fallback: "Pick from the last printed lists, book the quantities later.",
  }),
  "shipment-booking": core({
    models: ["delivery.carrier", "choose.delivery.carrier", "stock.picking"],
    objective: { withinSeconds: 15, sharePercent: 99 },
    fallback: "Book in the carrier's own portal, enter the tracking number later.",
  }),
  label: core({
    models: ["stock.quant.package"],
    routes: ["/report/barcode"],
    objective: { withinSeconds: 10, sharePercent: 99.5 },
    fallback: "Print labels in the carrier's own portal.",
  }),
  "customs-submission": important({
    objective: { withinSeconds: 30 * MINUTE, sharePercent: 99 },
    fallback: "Submit in the portal of the customs authority, with its emergency procedure where there is one.",
  }),
  "proof-of-delivery": important({
    models: ["stock.picking"],
    routes: ["/my/picking"],
    fallback: "Keep the signed paper, attach it later.",
  }),
  invoicing: important({
    models: ["account.move", "account.payment"],
    routes: ["/my/invoices"],
    objective: { withinSeconds: 60, sharePercent: 99 },
    fallback: "Send goods without an invoice, invoice the day after.",
  }),
  portal: important({
    routes: ["/my"],
    degraded: "read-only",
    fallback: "Answer customers by telephone from the last report.",
  }),
  reports: deferrable({
    models: ["ir.actions.report"],
    routes: ["/report"],
    fallback: "Use the last report that was sent.",
  }),
  analytics: deferrable({
    models: ["sale.report", "purchase.report", "stock.quant"],
    fallback: "Decide from yesterday's numbers.",
  }),
} as const satisfies Readonly<Record<string, ProcessTraits>>;

type BuiltInProcessName = keyof typeof PROCESSES;
export const PROCESS_NAMES = Object.keys(PROCESSES) as BuiltInProcessName[];

export function isBuiltInProcess(name: string): name is BuiltInProcessName {
  return PROCESS_NAMES.some((one) => one === name);
}
