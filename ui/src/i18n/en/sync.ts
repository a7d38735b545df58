// Remotes, conflicts, findings, the audit.

export const sync = {} as const
