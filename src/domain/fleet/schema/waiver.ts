import { z } from "zod";
import { envelope, metadata } from "./document.ts";
import { type Complaint, date, field, matching, note } from "./forms.ts";
import { email } from "./tenant.ts";

const rule = matching(/^BAL-P\d{3}$/, {
  code: "BAL-F015",
  text: "is not the code of a policy rule",
  hint: "as it is reported: BAL-P and three digits",
});

/** An exception from one rule at one address, that two people answer for and that ends by itself. */
export const WaiverDocument = envelope(
  "Waiver",
  metadata,
  field(
    z
      .strictObject({
        rule: field(rule, "Code of the policy rule that does not count."),
        scope: field(
          z.string(),
          "The one address for which it does not count, such as central/production. What lies below it is not meant.",
        ),
        reason: field(note, "Why it may be so."),
        ticket: field(note, "Where it was agreed."),
        owner: field(email, "Who asked for it and answers for it."),
        secondSigner: field(email, "Who agreed: somebody else."),
        expiresAt: field(date, "Last day on which it has an effect."),
      })
      .superRefine(({ owner, secondSigner }, context) => {
        if (owner.toLowerCase() !== secondSigner.toLowerCase()) return;
        const complaint: Complaint = { code: "BAL-F056", text: "is the owner too", hint: "a second person must agree" };
        context.addIssue({ code: "custom", message: complaint.text, path: ["secondSigner"], params: { ...complaint } });
      }),
    "What is waived, until when, and who answers for it.",
  ),
);
export type WaiverDocument = z.output<typeof WaiverDocument>;
