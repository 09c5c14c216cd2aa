import { type KindFacts, NO_DOWNTIME } from "./kind.ts";

/** A mail server that keeps what it is given and sends nothing on: for environments that must not write to people. */
export interface MailboxSpec {
  readonly image: string;
  readonly memoryMiB: number;
  readonly cpuShares: number;
  readonly pidsLimit: number;
}

export const mailbox: KindFacts = {
  title: "mailbox",
  holdsData: false,
  runs: true,
  usualSeconds: 0.6,
  fixed: {},
  updateImpact: () => ({ ...NO_DOWNTIME, says: "caught mails go, no downtime" }),
};
