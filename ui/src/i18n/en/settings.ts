// Settings, recovery, backups.

export const settings = {} as const
