/** The states of a workflow that ended without a result, as the workflow engine writes them down. */
export const ENDED_BADLY = ["ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"] as const;

/** All states of a workflow that does not go on. */
export const ENDED = ["SUCCESS", ...ENDED_BADLY] as const;
