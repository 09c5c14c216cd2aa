import { z } from "zod";
import { CRITICALITIES, DEGRADATIONS, isBuiltInProcess, PROCESS_NAMES } from "../processes.ts";
import { envelope, metadata } from "./document.ts";
import { type Complaint, duration, field, list, matching, note, optional } from "./forms.ts";
import { percent } from "./measures.ts";

const model = matching(/^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$/, {
  code: "BAL-F015",
  text: "is not the name of an Odoo model",
  hint: "the technical name, such as stock.picking",
});

const route = matching(/^(\/[A-Za-z0-9._~-]+)+$/, {
  code: "BAL-F015",
  text: "is not the path of a route",
  hint: "an absolute path such as /my/orders; what lies below it belongs to it",
});

const job = matching(/^[a-z][a-z0-9_]*\.[a-z0-9_]+$/, {
  code: "BAL-F015",
  text: "is not the external id of a scheduled action",
  hint: "module and name, such as stock.ir_cron_scheduler_action",
});

/** A business process, and how it is recognised in Odoo. Named like a built-in one it adjusts that one, otherwise it is a new one. */
export const ProcessDocument = envelope(
  "Process",
  metadata,
  field(
    z.strictObject({
      criticality: optional(z.enum(CRITICALITIES), "How much the business hangs on it. Required unless it is built in."),
      models: optional(list(model, 0), "Odoo models that it works on."),
      routes: optional(list(route, 0), "Paths that it is called by; what lies below them too."),
      jobs: optional(list(job, 0), "External ids of the scheduled actions that do its work."),
      objective: optional(
        z.strictObject({
          within: optional(duration({ max: 7 * 86_400 }), "Time in which a case is to be done."),
          share: optional(percent({ min: 50, max: 99.999 }), "Share of the cases that keep to it."),
        }),
        "What is promised.",
      ),
      degraded: optional(
        z.enum(DEGRADATIONS),
        "When there is too little for all. keep: served to the last; queue: taken, done later; read-only: shown, not changed; pause: stopped.",
      ),
      fallback: optional(note, "What people do by hand while it does not work."),
    }),
    "Overrides of the built-in values.",
  ),
).superRefine(({ metadata: { name }, spec }, context) => {
  if (spec.criticality !== undefined || isBuiltInProcess(name)) return;
  const complaint: Complaint = {
    code: "BAL-F019",
    text: `{field} is missing: process ${name} is not built in`,
    hint: `built in are ${PROCESS_NAMES.join(", ")}`,
  };
  context.addIssue({ code: "custom", message: complaint.text, path: ["spec", "criticality"], params: { ...complaint } });
});
export type ProcessDocument = z.output<typeof ProcessDocument>;
